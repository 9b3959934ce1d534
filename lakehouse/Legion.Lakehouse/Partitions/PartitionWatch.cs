using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>
/// A run of blocks that were not there when a partition was built, and that some of its rows rest on: spans that were open
/// at the end of a stream, or that lost their end in a hole. When one of them arrives, in whichever slot, the partition is stale.
/// </summary>
/// <param name="AfterSequence">Exclusive; -1 where the stream begins with the hole.</param>
/// <param name="BeforeSequence">Exclusive.</param>
sealed record PartitionWatch(Guid StreamId, long AfterSequence, long BeforeSequence);

/// <summary>The level of a piece of a <see cref="SlotTree"/>, and the time from the first begin to the last end of what is in it, nanoseconds UTC.</summary>
/// <param name="ToNs">As late as can be where something is open.</param>
sealed record LevelExtent(int Level, long FromNs, long ToNs);

/// <summary>What a partition was built from, as its catalog row keeps it.</summary>
/// <param name="Blocks">Names exactly the blocks of its slot; see <see cref="NameOf"/>. Arrivals alone do not tell: a cut that comes later can move blocks into the next slot.</param>
/// <param name="Extent">Of a piece of a tree over slots its level and the time of its spans.</param>
/// <param name="Parser">Version of the parser that read the blocks, see <see cref="PartitionBuilder.ParserVersion"/>.</param>
/// <param name="Unread">How often it met a block that it could not read: where that is not never, the partition is stale for a newer one.</param>
sealed record PartitionDetails(string? Blocks, IReadOnlyList<PartitionWatch>? Watches, LevelExtent? Extent = null, int Parser = 0, int Unread = 0)
{
    public string ToJson() => JsonSerializer.Serialize(this, PartitionJson.Default.PartitionDetails);

    public static PartitionDetails FromJson(string details) =>
        JsonSerializer.Deserialize(details, PartitionJson.Default.PartitionDetails) ?? new PartitionDetails(null, null);

    /// <summary>One name for a set of blocks, whatever their order: 128 bits of the hash of their ids.</summary>
    public static string NameOf(IEnumerable<BlockRow> blocks)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var id in blocks.Select(block => block.BlockId).Order()) hash.AppendData(id.ToByteArray());
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    /// <summary>One name for the files that another was made from.</summary>
    public static string NameOf(IEnumerable<string> paths) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', paths))).AsSpan(0, 16));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PartitionDetails))]
sealed partial class PartitionJson : JsonSerializerContext;
