using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Legion.Format;
using Legion.Sample.Archive;
using Legion.Sdk;

namespace Legion.Benchmarks;

/// <summary>All that an event of a real program costs, on whatever thread, to the answer of the server; and what it leaves in the catalog.</summary>
static class SdkTotal
{
    const string Bench = "sdk";
    const int Runs = 9;
    const int ClockReads = 200_000;
    static readonly TimeSpan second = TimeSpan.FromSeconds(1), enough = TimeSpan.FromSeconds(60);

    public static IEnumerable<BenchmarkRow> Run()
    {
        double[] ratio = new double[Runs], background = new double[Runs];
        using var server = new Acknowledging();
        for (var run = -3; run < Runs; run++)
        {
            var (clockNs, callerNs) = Caller();
            background[Math.Max(run, 0)] = BackgroundNs(server);
            ratio[Math.Max(run, 0)] = (callerNs + background[Math.Max(run, 0)]) / clockNs;
        }
        yield return BenchmarkRow.Of(Bench, "all-cpu-over-clock-read", "ratio", ratio, Aim.AtMost, 2);
        yield return BenchmarkRow.Of(Bench, "background-and-upload-ns-per-event", "ns", background);
        yield return CatalogRows();
    }

    /// <summary>A reading of the clock, and an event of a span on the calling thread.</summary>
    static (double ClockNs, double EventNs) Caller()
    {
        using var recording = Telemetry.Start(new TelemetryOptions { Sink = new BlockTally(), MemoryBytes = 64 << 20, PassInterval = TimeSpan.FromHours(1) });
        Spans(ClockReads / 20);
        var clock = ThreadClock.Ns;
        var last = 0ul;
        for (var call = 0; call < ClockReads; call++) last ^= ProcessClock.Ticks;
        GC.KeepAlive(last);
        clock = ThreadClock.Ns - clock;
        var spans = ThreadClock.Ns;
        Spans(ClockReads / 2);
        spans = ThreadClock.Ns - spans;
        return (clock / (double)ClockReads, spans / (double)ClockReads);
    }

    static void Spans(int calls)
    {
        for (var call = 0; call < calls; call++)
        {
            using var span = Telemetry.Span("span");
        }
    }

    /// <summary>Processor time of flusher and sender for an event of the sample's real trace; the server's own time is not counted.</summary>
    static double BackgroundNs(Acknowledging server)
    {
        using var recording = Telemetry.Start(new TelemetryOptions { Endpoint = server.Address, Spool = null, MemoryBytes = 512 << 20, PassInterval = TimeSpan.FromHours(1) });
        using (var end = new CancellationTokenSource(second)) SampleRun.UntilEnd(end.Token);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var (began, serverBegan) = (Environment.CpuUsage.TotalTime, server.CpuNs);
        if (!recording.Flush(enough)) throw new TimeoutException($"the upload did not finish within {enough}");
        var took = (Environment.CpuUsage.TotalTime - began).TotalNanoseconds - (server.CpuNs - serverBegan);
        return took / recording.Statistics.Sink.StoredEvents;
    }

    /// <summary>Blocks that fifty busy threads with logs and metrics make in an hour at the default cadence, from half a minute of them.</summary>
    static BenchmarkRow CatalogRows()
    {
        var tally = new BlockTally();
        var time = TimeSpan.FromSeconds(30);
        using (Telemetry.Start(new TelemetryOptions { Sink = tally }))
        {
            var until = Stopwatch.StartNew();
            var threads = Enumerable.Range(0, 50).Select(number => new Thread(() =>
            {
                while (until.Elapsed < time)
                {
                    using (Telemetry.Span("work")) Telemetry.Metric("work", number);
                    Telemetry.Log(Level.Info, $"worked on {number}");
                    Thread.Sleep(50);
                }
            })).ToArray();
            foreach (var thread in threads) thread.Start();
            foreach (var thread in threads) thread.Join();
        }
        return BenchmarkRow.Of(Bench, "catalog-rows-per-hour-50-threads", "rows", [tally.Counts.StoredBlocks * (TimeSpan.FromHours(1) / time)]);
    }

    /// <summary>A server that takes every block, and knows its own processor time.</summary>
    internal sealed class Acknowledging : IDisposable
    {
        readonly TcpListener listener = new(IPAddress.Loopback, 0);
        long cpuNs;

        public Acknowledging()
        {
            listener.Start();
            new Thread(Serve) { IsBackground = true }.Start();
        }

        public Uri Address => new($"http://{listener.LocalEndpoint}");

        public long CpuNs => Volatile.Read(ref cpuNs);

        public void Dispose() => listener.Dispose();

        void Serve()
        {
            while (true)
            {
                try
                {
                    using var client = listener.AcceptTcpClient();
                    using var stream = client.GetStream();
                    while (Read(stream) is { } body) Answer(stream, body);
                }
                catch (Exception ended) when (ended is IOException)
                {
                    // The client is done; the next one comes.
                }
                catch (Exception disposed) when (disposed is SocketException or ObjectDisposedException or InvalidOperationException)
                {
                    return;
                }
            }
        }

        void Answer(NetworkStream stream, byte[] body)
        {
            var blocks = Batch.Read(body).Where(item => item.Kind == BatchItemKind.Block).Select(item => new { block = BlockHeaderBytes.Read(item.Bytes.Span, out _).BlockId, code = "stored" });
            var json = JsonSerializer.SerializeToUtf8Bytes(new { blocks });
            // Before the client is told, as it then looks at the time.
            Volatile.Write(ref cpuNs, ThreadClock.Ns);
            stream.Write([.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {json.Length}\r\n\r\n"), .. json]);
        }

        static byte[]? Read(NetworkStream stream)
        {
            var head = new StringBuilder();
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                var next = stream.ReadByte();
                if (next < 0) return null;
                head.Append((char)next);
            }
            const string name = "Content-Length: ";
            var text = head.ToString();
            var at = text.IndexOf(name, StringComparison.Ordinal) + name.Length;
            var body = new byte[int.Parse(text.AsSpan(at, text.IndexOf('\r', at) - at), System.Globalization.CultureInfo.InvariantCulture)];
            stream.ReadExactly(body);
            return body;
        }
    }
}
