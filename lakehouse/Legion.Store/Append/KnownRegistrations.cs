using System.Collections.Concurrent;
using Legion.Format;

namespace Legion.Store;

/// <summary>What an append needs to know of a registered process.</summary>
readonly record struct KnownProcess(long RegisteredNs, long RecordVersion)
{
    public static KnownProcess Of(ProcessRow row) => new(row.RegisteredNs, row.RecordVersion);
}

/// <summary>What an append needs to know of a registered stream.</summary>
readonly record struct KnownStream(Guid ProcessId, StreamClass Class, long RecordVersion)
{
    public static KnownStream Of(StreamRow row) => new(row.ProcessId, row.Class, row.RecordVersion);
}

/// <summary>
/// What was seen to be registered, so that most batches need not ask. It stays true but for record versions, which only rise, as long as the process is there;
/// when it no longer is, the insertion of its blocks finds that out under the process's lock.
/// </summary>
sealed class KnownRegistrations
{
    /// <summary>Of each kind; some ten megabytes in all. Beyond it everything is forgotten, which costs a read for each process that still sends.</summary>
    const int Most = 100_000;

    readonly ConcurrentDictionary<(Tenant, Guid), KnownProcess> processes = new();
    readonly ConcurrentDictionary<(Tenant, Guid), KnownStream> streams = new();
    readonly ConcurrentDictionary<(Tenant, SchemaHash), bool> schemas = new();

    public KnownProcess? Process(Tenant tenant, Guid id) => processes.TryGetValue((tenant, id), out var known) ? known : null;

    public KnownStream? Stream(Tenant tenant, Guid id) => streams.TryGetValue((tenant, id), out var known) ? known : null;

    public bool HasSchema(Tenant tenant, SchemaHash hash) => schemas.ContainsKey((tenant, hash));

    public void Add(Tenant tenant, RegisteredRows rows)
    {
        foreach (var process in rows.Processes) Add(processes, (tenant, process.ProcessId), KnownProcess.Of(process));
        foreach (var stream in rows.Streams) Add(streams, (tenant, stream.StreamId), KnownStream.Of(stream));
        foreach (var hash in rows.Schemas) Add(schemas, (tenant, hash), true);
    }

    /// <summary>Without its process no stream is of use.</summary>
    public void Forget(Tenant tenant, Guid processId) => processes.TryRemove((tenant, processId), out _);

    static void Add<TKey, TValue>(ConcurrentDictionary<TKey, TValue> known, TKey key, TValue value) where TKey : notnull
    {
        if (known.Count >= Most) known.Clear();
        known[key] = value;
    }
}
