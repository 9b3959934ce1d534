using System.Net;
using System.Text.RegularExpressions;
using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>
/// Erases processes, or all that belongs to a value of a property, from a tenant's data: hidden with the first commit, then gone from blocks, partitions, catalog and files.
/// Each step may be killed and run again, by whoever comes.
/// </summary>
public sealed partial class LakeErasure(LakeStore lake, Tenant tenant, TimeProvider clock)
{
    /// <summary>Who works on an erasure says so at each process, which may take minutes.</summary>
    const long ClaimNs = 600_000_000_000;

    /// <summary>How long to wait for who makes blocks of a request: mostly some milliseconds, and where he died until his claim ends.</summary>
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    static readonly string[] alwaysLimits =
    [
        "What an upload had put and nobody had named yet is swept within a day.",
        "Backups keep what they hold until they expire; restoring one erases this again.",
        "What browsers and notebooks have kept of earlier answers is not the lake's.",
        "Logs and undo space of a database server are the server's and go by its own settings.",
    ];

    const string TextLimit = "A value that stands in a text, such as a log's own, and not in a property, attribute or argument of this name, is not found.";

    readonly ErasureLedger ledger = new(lake, tenant);
    readonly string claimant = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}";

    long NowNs => (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>Hides a process and all that is its own. One that is not there, or not yet, leaves a tombstone, so that it never will be.</summary>
    /// <returns>The erasure's id.</returns>
    public async Task<Guid> BeginAsync(Guid processId, CancellationToken cancellation)
    {
        var keys = await ledger.KeysAsync(cancellation);
        var resource = await lake.Catalog.FindResourceAsync(tenant, processId, cancellation);
        return await BeginAsync(NewRow(ErasureKind.Process, "", resource, keys.DigestOf(processId)), [processId], cancellation);
    }

    /// <summary>Hides what belongs to a value of a property.</summary>
    /// <param name="value">Its text, whatever its type.</param>
    public async Task<Guid> BeginAsync(string property, string value, CancellationToken cancellation)
    {
        var keys = await ledger.KeysAsync(cancellation);
        var row = NewRow(ErasureKind.Property, property, value, keys.DigestOf(property, value));
        return await BeginAsync(row, await MatchingProcessesAsync(Subject.Of(row, keys), cancellation), cancellation);
    }

    /// <summary>Does what is left of an erasure.</summary>
    /// <param name="progress">Told how many processes have been searched.</param>
    /// <returns>The receipt; null where somebody else works on it now.</returns>
    /// <exception cref="StoreUnavailableException">The disk or the database refused: the next run goes on.</exception>
    public async Task<ErasureReceipt?> RunAsync(Guid erasureId, IProgress<long>? progress, CancellationToken cancellation)
    {
        var claim = new PartitionKey("erasure/", erasureId, 0);
        if (!await ClaimAsync(claim, cancellation)) return null;
        try
        {
            var keys = await ledger.KeysAsync(cancellation);
            var unreadable = 0L;
            if ((await FindAsync(erasureId, cancellation)) is { RewrittenNs: null } erasure)
            {
                // Before blocks are searched: what is made of these meanwhile is there then, and seen by nobody.
                var arrivals = new ArrivalErasure(lake, tenant, clock, erasure, keys);
                while (!await arrivals.TryFinishAsync(cancellation))
                {
                    await Task.Delay(Pause, clock, cancellation);
                    await KeepClaimAsync(claim, cancellation);
                }
                unreadable = arrivals.Unreadable;
                if (erasure.Kind == ErasureKind.Property)
                {
                    var subject = Subject.Of(erasure, keys);
                    await DeleteWrittenAsync(subject, cancellation);
                    unreadable += await RewriteAsync(erasure, subject, claim, progress, cancellation);
                }
                await lake.Catalog.EndRewritingAsync(tenant, erasureId, NowNs, cancellation);
            }
            await ScrubArrivalsAsync(cancellation);
            await DeleteDoomedAsync(cancellation);
            var done = await FindAsync(erasureId, cancellation);
            if (done.Receipt is { } known) return ErasureReceipt.FromJson(known);
            await lake.Catalog.PurgeAsync(cancellation);
            var receipt = ErasureReceipt.Sign(StatementOf(done, unreadable), keys);
            await ledger.FinishAsync(done, receipt, cancellation);
            await lake.Catalog.FinishErasureAsync(tenant, erasureId, receipt.ToJson(), NowNs, cancellation);
            return receipt;
        }
        finally
        {
            await lake.Catalog.ReleasePartitionAsync(tenant, claim, claimant, CancellationToken.None);
        }
    }

    /// <summary>Deletes the saved queries and policies, and forgets those queries that were asked, that have the value as a text of theirs, whatever they compare with it, and the annotations that have it as a word; empties links that have it in their address, or as a text of the SQL in it, and reports that show it.</summary>
    async Task DeleteWrittenAsync(Subject subject, CancellationToken cancellation)
    {
        foreach (var query in await lake.Catalog.ReadSavedQueriesAsync(tenant, cancellation))
            if (Has(query.Sql)) await lake.Catalog.DeleteSavedQueryAsync(tenant, query.Name, cancellation);
        foreach (var policy in await lake.Catalog.ReadPoliciesAsync(tenant, cancellation))
            if (Has(policy.ProcessFilter) || Has(policy.SpanFilter)) await lake.Catalog.RemovePolicyAsync(tenant, policy.Name, cancellation);
        string[] asked = [.. (await lake.Catalog.ReadQueryAuditAsync(tenant, int.MaxValue, cancellation)).Where(query => Has(query.Sql) || Has(query.Detail)).Select(query => query.Sql).Distinct()];
        if (asked.Length > 0) await lake.Catalog.ForgetQueryAuditAsync(tenant, asked, cancellation);
        foreach (var annotation in await lake.Catalog.ReadAnnotationsAsync(tenant, cancellation))
            if (((string[])[annotation.Name ?? "", annotation.Note, .. annotation.Note.Split((char[]?)null)]).Any(text => text.Length > 0 && subject.MatchesText(text)))
                await lake.Catalog.DeleteAnnotationAsync(tenant, annotation.AnnotationId, cancellation);
        foreach (var link in await lake.Catalog.ReadLinksAsync(tenant, cancellation))
            if (TextsOf(link.Address).Any(text => subject.MatchesText(text) || Has(text))) await lake.Catalog.EmptyLinkAsync(tenant, link.LinkId, cancellation);
        foreach (var report in await lake.Catalog.ReadReportsAsync(tenant, cancellation))
            if (subject.MatchesText(report.CreatedBy) || ReportTexts.WordsOf(report.Title).Any(subject.MatchesText) || await ShowsAsync(report)) await lake.Catalog.EmptyReportAsync(tenant, report.ReportId, NowNs, cancellation);

        async Task<bool> ShowsAsync(ReportRow report)
        {
            try
            {
                return ReportTexts.Of(await LakeReports.ReadAsync(lake.Objects, report, cancellation)).Any(subject.MatchesText);
            }
            catch (Exception cause) when (cause is FileNotFoundException or EndOfStreamException or InvalidDataException)
            {
                return true; // nobody can read what is in it, and nobody is to
            }
        }

        bool Has(string sql) => SqlText().Matches(sql).Any(text => subject.MatchesText(text.Groups[1].Value.Replace("''", "'")));
    }

    /// <summary>What an address searches for or names, whole and by words.</summary>
    static IEnumerable<string> TextsOf(string address) => address.Split('?', '&').Skip(1).Select(parameter => WebUtility.UrlDecode(parameter[(parameter.IndexOf('=') + 1)..]))
        .SelectMany(text => text.Split((char[]?)null).Prepend(text)).Where(text => text.Length > 0);

    [GeneratedRegex("'((?:[^']|'')*)'")]
    private static partial Regex SqlText();

    /// <summary>Finishes all erasures, searches what came late, and deletes what is doomed.</summary>
    /// <returns>How many erasures were finished.</returns>
    public async Task<int> RunAllAsync(CancellationToken cancellation)
    {
        var finished = 0;
        foreach (var erasure in await lake.Catalog.ReadErasuresAsync(tenant, cancellation))
            if (erasure.FinishedNs is null && await RunAsync(erasure.ErasureId, null, cancellation) is not null) finished++;
        await ScrubArrivalsAsync(cancellation);
        // What somebody doomed who died before he deleted it; files of many processes have been seen to by each of these.
        await new DoomedObjects(lake, tenant).DeleteAsync(null, cancellation);
        return finished;
    }

    /// <summary>Searches the blocks that came after an erasure and are of the time before it, takes out what is erased, and shows the rest.</summary>
    /// <returns>How many blocks are shown now.</returns>
    public async Task<long> ScrubArrivalsAsync(CancellationToken cancellation)
    {
        var quarantined = await lake.Catalog.FindQuarantinedAsync(tenant, cancellation);
        if (quarantined.Count == 0) return 0;
        var keys = await ledger.KeysAsync(cancellation);
        Subject[] subjects = [.. (await lake.Catalog.ReadErasuresAsync(tenant, cancellation)).Where(erasure => erasure.Kind == ErasureKind.Property).Select(erasure => Subject.Of(erasure, keys))];
        var released = 0L;
        foreach (var processId in quarantined)
        {
            // What is read before the scrub is what the scrub has seen.
            var arrived = (await lake.Catalog.ReadAllBlocksAsync(tenant, processId, cancellation)).Select(block => block.BlockId).ToArray();
            await new ProcessScrub(lake, tenant, clock, subjects).RunAsync(processId, cancellation);
            await lake.Catalog.ReleaseBlocksAsync(tenant, processId, arrived, cancellation);
            released += arrived.Length;
        }
        await DeleteDoomedAsync(cancellation);
        return released;
    }

    /// <summary>As <see cref="ReplayAsync"/>, for all tenants of the ledger.</summary>
    public static async Task<int> ReplayAllAsync(LakeStore lake, TimeProvider clock, CancellationToken cancellation)
    {
        var replayed = 0;
        foreach (var tenant in await ErasureLedger.FindTenantsAsync(lake.Objects, cancellation)) replayed += await new LakeErasure(lake, tenant, clock).ReplayAsync(cancellation);
        return replayed;
    }

    /// <summary>
    /// Erases again what the ledger says was erased and the catalog does not know of: to be called after a backup was restored, before anybody reads.
    /// What the catalog knows of is hidden, and for <see cref="RunAllAsync"/> to finish.
    /// </summary>
    /// <returns>How many erasures were done again.</returns>
    /// <exception cref="StoreUnavailableException">The disk or the database refused, or another program does one of them again: nothing is hidden yet for sure.</exception>
    public async Task<int> ReplayAsync(CancellationToken cancellation)
    {
        var hidden = (await lake.Catalog.ReadErasuresAsync(tenant, cancellation)).Where(erasure => erasure.IsHidden).Select(erasure => erasure.ErasureId).ToHashSet();
        var entries = await ledger.ReadAsync(id => !hidden.Contains(id), cancellation);
        if (entries.Count == 0) return 0;
        var keys = await ledger.KeysAsync(cancellation);
        foreach (var entry in entries)
        {
            var row = new ErasureRow
            {
                ErasureId = entry.Erasure,
                Kind = entry.Kind,
                Property = entry.Property,
                Digest = Convert.FromHexString(entry.Subject),
                RequestedNs = entry.RequestedNs,
                Counts = default,
            };
            var processes = entry.Kind == ErasureKind.Property
                ? await MatchingProcessesAsync(Subject.Of(row, keys), cancellation)
                : [.. (await lake.Catalog.ReadProcessesAsync(tenant, null, cancellation)).Select(process => process.ProcessId).Where(id => keys.DigestOf(id).AsSpan().SequenceEqual(row.Digest.Span))];
            if (entry.Kind == ErasureKind.Process && processes is [var processId]) row = row with { Value = await lake.Catalog.FindResourceAsync(tenant, processId, cancellation) };
            await lake.Catalog.BeginErasureAsync(tenant, row, processes, cancellation);
            if (await RunAsync(entry.Erasure, null, cancellation) is null && !row.IsHidden)
                throw new StoreUnavailableException($"cannot do erasure {entry.Erasure} again: another program works on it");
        }
        return entries.Count;
    }

    /// <summary>Whether a receipt is this lake's own and as it was signed.</summary>
    public async Task<bool> VerifyAsync(ErasureReceipt receipt, CancellationToken cancellation) =>
        await lake.Catalog.ReadErasureKeysAsync(tenant, cancellation) is { } keys && receipt.Statement.Tenant == tenant.Name && receipt.IsSignedBy(keys);

    /// <summary>Deletes files and objects that have what was erased; of those of many processes, when new ones are there without it.</summary>
    async Task DeleteDoomedAsync(CancellationToken cancellation)
    {
        foreach (var view in GlobalView.All) await new GlobalBuild(lake, tenant, clock).LeaveOutRemovedAsync(view, cancellation);
        await new DoomedObjects(lake, tenant).DeleteAsync(null, cancellation);
    }

    async Task<Guid> BeginAsync(ErasureRow row, IReadOnlyCollection<Guid> processes, CancellationToken cancellation)
    {
        await ledger.RequestAsync(row, cancellation);
        await lake.Catalog.BeginErasureAsync(tenant, row, processes, cancellation);
        return row.ErasureId;
    }

    ErasureRow NewRow(ErasureKind kind, string property, string? value, byte[] digest) => new()
    {
        ErasureId = Guid.CreateVersion7(clock.GetUtcNow()),
        Kind = kind,
        Property = property,
        Value = value,
        Digest = digest,
        RequestedNs = NowNs,
        Counts = default,
    };

    /// <summary>Process by process, in order of ids; what is done with is noted.</summary>
    /// <returns>Blocks that could not be read.</returns>
    async Task<long> RewriteAsync(ErasureRow erasure, Subject subject, PartitionKey claim, IProgress<long>? progress, CancellationToken cancellation)
    {
        var scrub = new ProcessScrub(lake, tenant, clock, [subject]);
        var processes = (await lake.Catalog.ReadProcessesAsync(tenant, null, cancellation)).Select(process => process.ProcessId).Order().ToArray();
        var (done, unreadable) = (0L, 0L);
        foreach (var processId in processes)
        {
            if (erasure.Position is not { } position || processId.CompareTo(position) > 0)
            {
                await KeepClaimAsync(claim, cancellation);
                var totals = await scrub.RunAsync(processId, cancellation);
                unreadable += totals.Unreadable;
                await lake.Catalog.AdvanceErasureAsync(tenant, erasure.ErasureId, processId, new ErasureCounts(0, totals.Blocks, totals.Events), cancellation);
            }
            progress?.Report(++done);
        }
        // Who registered a process before the erasure committed may have been slow.
        await lake.Catalog.EraseProcessesAsync(tenant, erasure.ErasureId, await MatchingProcessesAsync(subject, cancellation), cancellation);
        return unreadable;
    }

    async Task<Guid[]> MatchingProcessesAsync(Subject subject, CancellationToken cancellation) =>
        [.. (await lake.Catalog.ReadProcessesAsync(tenant, null, cancellation)).Where(process => subject.MatchesJson(process.Properties)).Select(process => process.ProcessId)];

    async Task<ErasureRow> FindAsync(Guid erasureId, CancellationToken cancellation) =>
        (await lake.Catalog.ReadErasuresAsync(tenant, cancellation)).FirstOrDefault(erasure => erasure.ErasureId == erasureId)
        ?? throw new NotInLakeException($"there is no erasure '{erasureId}' in this lake");

    async Task KeepClaimAsync(PartitionKey claim, CancellationToken cancellation)
    {
        if (!await ClaimAsync(claim, cancellation)) throw new StoreUnavailableException($"cannot go on with erasure {claim.ProcessId}: another program works on it");
    }

    Task<bool> ClaimAsync(PartitionKey claim, CancellationToken cancellation) => lake.Catalog.ClaimPartitionAsync(tenant, claim, claimant, ClaimNs, NowNs, cancellation);

    ErasureStatement StatementOf(ErasureRow erasure, long unreadable) => new()
    {
        Erasure = erasure.ErasureId,
        Tenant = tenant.Name,
        Kind = erasure.Kind == ErasureKind.Process ? "process" : "property",
        Property = erasure.Property,
        Subject = Convert.ToHexStringLower(erasure.Digest.Span),
        RequestedAt = TimeText.Format(erasure.RequestedNs),
        FinishedAt = TimeText.Format(NowNs),
        Processes = erasure.Counts.Processes,
        Blocks = erasure.Counts.Blocks,
        Events = erasure.Counts.Events,
        UnreadableBlocks = unreadable,
        Limits = erasure.Kind == ErasureKind.Process ? alwaysLimits : [TextLimit, .. alwaysLimits],
    };
}
