using System.Collections.Concurrent;
using Legion.Format;
using Legion.Store;
using Microsoft.Extensions.Logging;

namespace Legion.Ingestion;

/// <summary>
/// The commands that wait for processes, as the catalog had them at most <see cref="Freshness"/> ago: each batch is asked about, and mostly nothing waits.
/// </summary>
sealed partial class WaitingCommands(ICatalog catalog, TimeProvider clock, ILogger log)
{
    /// <summary>A small part of the minute in which a command is to be heard of.</summary>
    static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    readonly ConcurrentDictionary<Tenant, Reading> readings = new();

    /// <summary>What waits for the processes. What they sent is stored whatever becomes of this, and they ask again with their next batch.</summary>
    public async Task<IReadOnlyList<SignedCommand>> FindAsync(Tenant tenant, IReadOnlyList<Guid> processes)
    {
        if (processes.Count == 0) return [];
        var now = clock.GetTimestamp();
        var reading = readings.AddOrUpdate(tenant, _ => new Reading(now, Read(tenant)), (_, last) => clock.GetElapsedTime(last.At, now) < Freshness ? last : new Reading(now, Read(tenant)));
        try
        {
            var waiting = await reading.Commands.Value;
            return waiting.Count == 0 ? [] : [.. processes.SelectMany(process => waiting[process])];
        }
        catch (StoreUnavailableException cause)
        {
            NotRead(log, cause);
            return [];
        }
    }

    /// <summary>A command was left here: the next batch hears of it.</summary>
    public void Forget(Tenant tenant) => readings.TryRemove(tenant, out _);

    /// <summary>Begins when somebody waits for it, and then for all that do: none of them may end it for the others.</summary>
    Lazy<Task<ILookup<Guid, SignedCommand>>> Read(Tenant tenant) => new(async () =>
        (await catalog.ReadCommandsAsync(tenant, null, (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick, CancellationToken.None))
            .ToLookup(command => RemoteCommand.Read(command.Payload.Span).ProcessId));

    sealed record Reading(long At, Lazy<Task<ILookup<Guid, SignedCommand>>> Commands);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The commands that wait could not be read")]
    static partial void NotRead(ILogger log, Exception cause);
}
