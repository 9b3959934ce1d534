using Legion.Format;
using Legion.Sdk;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using Serilog;
using Serilog.Sinks.Async;
using ZLogger;
using ILogger = Microsoft.Extensions.Logging.ILogger;

namespace Legion.Benchmarks.Peers;

sealed class LegionLogs() : Peer("legion", Aim.None, 0)
{
    public override void Call(int calls)
    {
        for (var call = 0; call < calls; call++) Telemetry.Log(Level.Info, $"call {call} at {1.5} in {"forest"}");
    }
}

/// <summary>ZLogger with generated methods, into a stream that counts lines and lets go of them.</summary>
sealed partial class ZLoggerLogs : Peer
{
    readonly CountedLines lines = new();
    readonly ILoggerFactory factory;
    readonly ILogger logger;
    int called;

    public ZLoggerLogs() : base("zlogger", Aim.AtLeast, 12)
    {
        factory = LoggerFactory.Create(logging => logging.AddZLoggerStream(lines));
        logger = factory.CreateLogger("benchmark");
    }

    public override void Call(int calls)
    {
        for (var call = 0; call < calls; call++) Called(logger, call, 1.5, "forest");
        called += calls;
    }

    public override void Drain() => lines.WaitFor(called, DrainTimeout);

    public override void Dispose() => factory.Dispose();

    [ZLoggerMessage(LogLevel.Information, "call {call} at {at} in {place}")]
    private static partial void Called(ILogger logger, int call, double at, string place);
}

/// <summary>Serilog's asynchronous sink in front of its file.</summary>
sealed class SerilogLogs : Peer
{
    readonly string file = Path.GetTempFileName();
    readonly Queue queue = new();
    readonly Serilog.Core.Logger logger;

    public SerilogLogs() : base("serilog", Aim.AtLeast, 25) =>
        logger = new LoggerConfiguration().WriteTo.Async(to => to.File(file, formatProvider: System.Globalization.CultureInfo.InvariantCulture), monitor: queue).CreateLogger();

    public override void Call(int calls)
    {
        for (var call = 0; call < calls; call++) logger.Information("call {Call} at {At} in {Place}", call, 1.5, "forest");
    }

    public override void Drain()
    {
        if (!SpinWait.SpinUntil(() => queue.Inspector!.Count == 0, DrainTimeout)) throw new TimeoutException("Serilog's queue does not empty");
    }

    public override void Dispose()
    {
        logger.Dispose();
        File.Delete(file);
    }

    sealed class Queue : IAsyncLogEventSinkMonitor
    {
        public IAsyncLogEventSinkInspector? Inspector { get; private set; }

        public void StartMonitoring(IAsyncLogEventSinkInspector inspector) => Inspector = inspector;

        public void StopMonitoring(IAsyncLogEventSinkInspector inspector)
        {
        }
    }
}

/// <summary>Generated log methods into OpenTelemetry's batch processor and an exporter that discards.</summary>
sealed partial class OpenTelemetryLogs : Peer
{
    const int QueueLogs = 1 << 16;

    readonly BatchLogRecordExportProcessor processor = new(new DiscardedRecords(), maxQueueSize: QueueLogs);
    readonly ILoggerFactory factory;
    readonly ILogger logger;

    public OpenTelemetryLogs() : base("opentelemetry", Aim.AtLeast, 20)
    {
        factory = LoggerFactory.Create(logging => logging.AddOpenTelemetry(options => options.AddProcessor(processor)));
        logger = factory.CreateLogger("benchmark");
    }

    public override void Call(int calls)
    {
        for (var call = 0; call < calls; call++) Called(logger, call, 1.5, "forest");
    }

    public override void Drain() => processor.ForceFlush((int)DrainTimeout.TotalMilliseconds);

    public override void Dispose() => factory.Dispose();

    [LoggerMessage(LogLevel.Information, "call {call} at {at} in {place}")]
    private static partial void Called(ILogger logger, int call, double at, string place);

    sealed class DiscardedRecords : BaseExporter<LogRecord>
    {
        public override ExportResult Export(in Batch<LogRecord> batch) => ExportResult.Success;
    }
}

/// <summary>A stream that counts the lines written to it and keeps nothing.</summary>
sealed class CountedLines : Stream
{
    long lines;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public void WaitFor(long wanted, TimeSpan timeout)
    {
        if (!SpinWait.SpinUntil(() => Interlocked.Read(ref lines) >= wanted, timeout)) throw new TimeoutException($"expected {wanted} lines, saw {lines}");
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer) => Interlocked.Add(ref lines, buffer.Count((byte)'\n'));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
