using System.Text.Json;
using System.Text.Json.Serialization;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>The rows of a slot's partition within a compacted file.</summary>
/// <param name="FileId">Of the partition's own file at that time: one that was built since has another.</param>
sealed record CompactedMember(int Slot, Guid FileId);

/// <summary>What is in a compacted file, as its catalog row keeps it.</summary>
sealed record CompactedDetails(IReadOnlyList<CompactedMember> Members)
{
    public string ToJson() => JsonSerializer.Serialize(this, CompactedJson.Default.CompactedDetails);

    /// <summary>None where the row was retired.</summary>
    public static IReadOnlyList<CompactedMember> MembersOf(PartitionRow compacted) =>
        compacted.Path.Length == 0 ? [] : JsonSerializer.Deserialize(compacted.Details, CompactedJson.Default.CompactedDetails)?.Members ?? [];
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CompactedDetails))]
sealed partial class CompactedJson : JsonSerializerContext;

/// <summary>A file to be read of a view.</summary>
/// <param name="Partition">Names it: a slot's partition, or a compacted one.</param>
/// <param name="Slots">Those whose rows are to be read of a compacted one; null: all rows.</param>
/// <param name="IsCompacted">Whether it has rows of several slots.</param>
readonly record struct SlotsFile(PartitionRow Partition, IReadOnlyList<int>? Slots, bool IsCompacted)
{
    /// <summary>Streams whose open rows in it do not count.</summary>
    public IReadOnlyList<Guid> Reopened { get; init; } = [];
}

/// <summary>
/// The compacted files of a view and process. Each has the rows of some neighbouring slots once more, as they were in these slots' own files, which stay: a slot that was built anew since
/// is read from its own file, and the others still from the compacted one.
/// </summary>
sealed class CompactedSlots
{
    /// <summary>Fewer files are read as fast one by one.</summary>
    public const int FewestFiles = 8;

    readonly Dictionary<(int Slot, Guid FileId), PartitionRow> compactedOf = [];
    readonly Dictionary<PartitionRow, int> sizes = [];

    CompactedSlots(IEnumerable<PartitionRow> compacted)
    {
        foreach (var row in compacted)
        {
            var members = CompactedDetails.MembersOf(row);
            sizes.Add(row, members.Count);
            foreach (var member in members) compactedOf[(member.Slot, member.FileId)] = row;
        }
    }

    /// <summary>The name under which the catalog has the compacted partitions of a view; their slot is the first of the slots that they may have.</summary>
    public static string NameOf(string view) => Prefix + view;

    /// <summary>The view of such a name; null for another name.</summary>
    public static string? ViewOf(string name) => name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : null;

    const string Prefix = "compacted.";

    /// <param name="slots">So many are to be read: of few it is not asked.</param>
    public static async Task<CompactedSlots> ReadAsync(LakeStore store, Tenant tenant, View view, Guid processId, int slots, CancellationToken cancellation)
    {
        var there = new List<PartitionRow>();
        if (slots >= FewestFiles)
            foreach (var row in await store.Catalog.ReadPartitionsAsync(tenant, NameOf(view.Name), [processId], cancellation))
                if (row.SchemaVersion == view.SchemaVersion && row.Path.Length > 0 && await store.Objects.HasAsync(row.Path, cancellation)) there.Add(row);
        return new CompactedSlots(there);
    }

    /// <summary>Whether the rows of a slot's partition are in a compacted file: its own is not read then.</summary>
    public bool Has(PartitionRow partition) => Find(partition) is not null;

    /// <summary>The files that have the rows of partitions, each once.</summary>
    /// <param name="partitions">Current ones that have rows.</param>
    public IReadOnlyList<SlotsFile> FilesOf(IEnumerable<PartitionRow> partitions)
    {
        var (files, slotsOf) = (new List<SlotsFile>(), new Dictionary<PartitionRow, List<int>>());
        foreach (var partition in partitions)
        {
            if (Find(partition) is not { } compacted) files.Add(new SlotsFile(partition, null, IsCompacted: false));
            else if (slotsOf.TryGetValue(compacted, out var slots)) slots.Add(partition.Slot);
            else slotsOf.Add(compacted, [partition.Slot]);
        }
        foreach (var (compacted, slots) in slotsOf) files.Add(new SlotsFile(compacted, slots.Count == sizes[compacted] ? null : slots, IsCompacted: true));
        return files;
    }

    PartitionRow? Find(PartitionRow partition) =>
        compactedOf.Count > 0 && StoreNames.TryReadViewFile(partition.Path, out var name) ? compactedOf.GetValueOrDefault((partition.Slot, name.FileId)) : null;
}
