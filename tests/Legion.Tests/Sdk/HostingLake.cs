using Legion.Format;
using Legion.Sdk;
using Legion.Tests.Support;

namespace Legion.Tests.Sdk;

/// <summary>Records into memory, and then asks a lake what came of it.</summary>
sealed class HostingLake : IDisposable
{
    readonly TestLake lake = new();
    readonly MemorySink sink = new();

    /// <summary>Records what an action does.</summary>
    public async Task RecordAsync(TelemetryOptions options, Func<Task> action)
    {
        using (Telemetry.Start(options with { Sink = sink })) await action();
        await AppendAsync(sink);
    }

    public Task RecordAsync(Bridges bridges, Action action) => RecordAsync(new TelemetryOptions { Bridges = bridges }, () =>
    {
        action();
        return Task.CompletedTask;
    });

    /// <summary>Takes what a recording left in memory.</summary>
    public async Task AppendAsync(MemorySink recorded)
    {
        var batch = new BatchWriter();
        batch.Add(recorded.Process!);
        foreach (var stream in recorded.Streams.Values) batch.Add(stream);
        foreach (var schema in recorded.Schemas.Values) batch.Add(schema);
        foreach (var block in recorded.Blocks) batch.AddBlock(block.Bytes);
        await lake.AppendAsync(batch);
        ProcessId = recorded.Process!.ProcessId;
    }

    public Guid ProcessId { get; private set; }

    /// <summary>Rows of a query, cells separated by commas; <c>$process</c> in it is the recorded process.</summary>
    public async Task<string[]> RowsAsync(string sql) =>
        (await lake.CsvAsync(sql.Replace("$process", $"process_id = '{ProcessId}'"))).Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..];

    public void Dispose() => lake.Dispose();
}
