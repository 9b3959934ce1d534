using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using Apache.Arrow.Ipc;

namespace Legion.Lakehouse.Sql.Workers;

/// <summary>
/// A program whose only work is one query: what the host says it runs with an engine, after it has given up whatever else a program may do.
/// It ends with its host, or when that is done with it.
/// </summary>
public static class SqlWorker
{
    /// <summary>The command by which a host starts it.</summary>
    public const string CommandName = "sql-worker";

    const string Confined = "--confined";

    /// <summary>Rows that are asked for where all are.</summary>
    internal const long AllRows = long.MaxValue;

    /// <summary>Arguments of the command, after its name.</summary>
    /// <param name="scratch">The one folder in which it may write.</param>
    /// <param name="readable">Folders that hold what it may be told to read.</param>
    internal static string[] Arguments(SqlLimits limits, string scratch, IEnumerable<string> readable) =>
        [CommandName, Text(limits.MemoryBytes), Text(limits.TemporaryBytes), Text(limits.Threads), scratch, .. readable];

    /// <summary>Runs it, on the program's first thread, before anything else was done.</summary>
    /// <param name="arguments">All of the program's.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string[] arguments)
    {
        // Whoever ends a group of programs means the host, which ends its workers when it has answered.
        using var terminated = Ignore(PosixSignal.SIGTERM);
        using var interrupted = Ignore(PosixSignal.SIGINT);
        using var hungUp = Ignore(PosixSignal.SIGHUP);
        var isConfined = arguments[1] == Confined;
        var rest = arguments.AsSpan(isConfined ? 2 : 1);
        var (memory, temporary, threads) = (Number(rest[0]), Number(rest[1]), (int)Number(rest[2]));
        var scratch = rest[3];
        // What confines holds for the thread that asks for it, and for the whole program that it becomes.
        if (!isConfined && Confinement.TryEnter(scratch, [.. rest[4..]])) Confinement.BecomeSelf([CommandName, Confined, .. rest]);

        using var output = Console.OpenStandardOutput();
        using var connection = DuckDb.Open(new QueryOptions { MemoryLimitBytes = Math.Max(64L << 20, memory - Confinement.RuntimeBytes - threads * Confinement.ThreadBytes), TemporaryLimitBytes = temporary, Threads = threads });
        if (OperatingSystem.IsLinux()) Confinement.Limit(memory, temporary);
        WorkerFrames.Write(output, (byte)WorkerReply.Ready, writer => writer.Write(isConfined ? Confinement.Name : ""));
        var engine = new InProcessEngine(connection);
        foreach (var (kind, payload) in Requests().GetConsumingEnumerable()) Answer(engine, (WorkerRequest)kind, payload, output);
        return 0;
    }

    static PosixSignalRegistration Ignore(PosixSignal signal) => PosixSignalRegistration.Create(signal, static context => context.Cancel = true);

    /// <summary>Requests as they come. Where the host is gone the program ends at once, whatever the engine does then.</summary>
    static BlockingCollection<(byte Kind, byte[] Payload)> Requests()
    {
        var requests = new BlockingCollection<(byte, byte[])>();
        var reading = new Thread(() =>
        {
            try
            {
                using var input = Console.OpenStandardInput();
                while (true) requests.Add(WorkerFrames.Read(input));
            }
            catch (Exception cause) when (cause is IOException or InvalidDataException)
            {
                Confinement.ExitNow();
            }
        })
        { IsBackground = true, Name = "requests" };
        reading.Start();
        return requests;
    }

    static void Answer(InProcessEngine engine, WorkerRequest request, byte[] payload, Stream output)
    {
        try
        {
            using var reader = WorkerFrames.Open(payload);
            switch (request)
            {
                case WorkerRequest.Execute:
                    engine.Execute(reader.ReadString());
                    Done(output, 0, 0);
                    break;
                case WorkerRequest.ReadTexts:
                    var texts = engine.ReadTexts(reader.ReadString(), WorkerFrames.ReadParameters(reader), CancellationToken.None);
                    WorkerFrames.Write(output, (byte)WorkerReply.Texts, writer =>
                    {
                        writer.Write(texts.Count);
                        foreach (var text in texts) WorkerFrames.Write(writer, text);
                    });
                    break;
                case WorkerRequest.Append:
                    engine.Append(reader.ReadString(), Rows(reader));
                    Done(output, 0, 0);
                    break;
                case WorkerRequest.Run:
                    RunQuery(engine, reader.ReadInt64(), reader.ReadString(), WorkerFrames.ReadParameters(reader), output);
                    break;
                default:
                    throw new InvalidDataException($"expected a request, saw {request}");
            }
        }
        catch (Exception cause) when (cause is EngineException or OutOfMemoryException or DuckDB.NET.Data.DuckDBException or NotSupportedException or InvalidCastException)
        {
            WorkerFrames.Write(output, (byte)WorkerReply.Failed, writer => writer.Write(cause is OutOfMemoryException ? SqlParser.OutOfMemory : cause.Message));
        }
    }

    static IEnumerable<object?[]> Rows(BinaryReader reader)
    {
        var (rows, columns) = (reader.ReadInt32(), reader.ReadInt32());
        for (var row = 0; row < rows; row++)
        {
            var values = new object?[columns];
            for (var i = 0; i < columns; i++) values[i] = WorkerFrames.ReadValue(reader);
            yield return values;
        }
    }

    static void RunQuery(InProcessEngine engine, long most, string sql, IReadOnlyList<EngineParameter> parameters, Stream output)
    {
        var rows = 0L;
        using (var command = engine.Command(sql, parameters))
        {
            command.UseStreamingMode = true;
            using var stream = command.ExecuteArrowStream();
            using var buffered = new BufferedStream(new BytesOut(output), BytesOut.MostAtOnce);
            using var writer = new ArrowStreamWriter(buffered, stream.Schema, leaveOpen: true);
            writer.WriteStart();
            while (rows < most)
            {
                using var batch = stream.ReadNextRecordBatchAsync().AsTask().GetAwaiter().GetResult();
                if (batch is null) break;
                var taken = (int)Math.Min(batch.Length, most - rows);
                rows += taken;
                if (taken == batch.Length) writer.WriteRecordBatch(batch);
                else
                {
                    using var part = batch.Slice(0, taken);
                    writer.WriteRecordBatch(part);
                }
            }
            writer.WriteEnd();
            buffered.Flush();
        }
        Done(output, rows, EngineMemory.PeakOf(engine.Connection));
    }

    static void Done(Stream output, long rows, long peak) => WorkerFrames.Write(output, (byte)WorkerReply.Done, writer =>
    {
        writer.Write(rows);
        writer.Write(peak);
    });

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    static long Number(string text) => long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>Writes what it is given as frames of <see cref="WorkerReply.Bytes"/>.</summary>
    sealed class BytesOut(Stream output) : Stream
    {
        public const int MostAtOnce = 1 << 20;

        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            for (; buffer.Length > MostAtOnce; buffer = buffer[MostAtOnce..]) WorkerFrames.Write(output, (byte)WorkerReply.Bytes, buffer[..MostAtOnce]);
            if (buffer.Length > 0) WorkerFrames.Write(output, (byte)WorkerReply.Bytes, buffer);
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
