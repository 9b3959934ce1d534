using System.Collections.Concurrent;
using Legion.Format;
using Legion.Store;
using Microsoft.Extensions.Logging;

namespace Legion.Ingestion;

/// <summary>
/// What there is to tell processes with the answers to what they send, as the catalog had it at most <see cref="Freshness"/> ago: each batch is asked about, and mostly there is nothing.
/// </summary>
sealed partial class NewsForProcesses(ICatalog catalog, TimeProvider clock, ILogger log)
{
    /// <summary>A small part of the minute in which a command is to be heard of, and of the seconds in which an event is to be seen.</summary>
    static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    readonly ConcurrentDictionary<Tenant, Reading> readings = new();

    /// <summary>What they sent is stored whatever becomes of this, and they ask again with their next batch.</summary>
    public async Task<ProcessNews> FindAsync(Tenant tenant, IReadOnlyList<Guid> processes)
    {
        if (processes.Count == 0) return ProcessNews.None;
        var now = clock.GetTimestamp();
        var reading = readings.AddOrUpdate(tenant, _ => new Reading(now, Read(tenant)), (_, last) => clock.GetElapsedTime(last.At, now) < Freshness ? last : new Reading(now, Read(tenant)));
        try
        {
            var (commands, watched) = await reading.Waiting.Value;
            if (commands.Count == 0 && watched.Count == 0) return ProcessNews.None;
            return new ProcessNews([.. processes.SelectMany(process => commands[process])], [.. processes.Where(watched.Contains)]);
        }
        catch (StoreUnavailableException cause)
        {
            NotRead(log, cause);
            return ProcessNews.None;
        }
    }

    /// <summary>A command was left here: the next batch hears of it.</summary>
    public void Forget(Tenant tenant) => readings.TryRemove(tenant, out _);

    /// <summary>Begins when somebody waits for it, and then for all that do: none of them may end it for the others.</summary>
    Lazy<Task<Waiting>> Read(Tenant tenant) => new(async () =>
    {
        var nowNs = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        var commands = await catalog.ReadCommandsAsync(tenant, null, nowNs, CancellationToken.None);
        var watched = await catalog.ReadWatchedAsync(tenant, nowNs, CancellationToken.None);
        return new Waiting(commands.ToLookup(command => RemoteCommand.Read(command.Payload.Span).ProcessId), watched.ToHashSet());
    });

    sealed record Reading(long At, Lazy<Task<Waiting>> Waiting);

    sealed record Waiting(ILookup<Guid, SignedCommand> Commands, HashSet<Guid> Watched);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What there is to tell processes could not be read")]
    static partial void NotRead(ILogger log, Exception cause);
}
