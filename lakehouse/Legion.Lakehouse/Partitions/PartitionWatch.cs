using System.Text.Json;
using System.Text.Json.Serialization;

namespace Legion.Lakehouse;

/// <summary>
/// A run of blocks that were not there when a partition was built, and that some of its rows rest on: spans that were open
/// at the end of a stream, or that lost their end in a hole. When one of them arrives, in whichever slot, the partition is stale.
/// </summary>
/// <param name="AfterSequence">Exclusive; -1 where the stream begins with the hole.</param>
/// <param name="BeforeSequence">Exclusive.</param>
sealed record PartitionWatch(Guid StreamId, long AfterSequence, long BeforeSequence)
{
    /// <summary>The watches as a partition's details.</summary>
    public static string ToJson(IReadOnlyList<PartitionWatch> watches) =>
        watches.Count == 0 ? "{}" : JsonSerializer.Serialize(new PartitionDetails(watches), PartitionJson.Default.PartitionDetails);

    public static IReadOnlyList<PartitionWatch> FromJson(string details) =>
        JsonSerializer.Deserialize(details, PartitionJson.Default.PartitionDetails)?.Watches ?? [];
}

sealed record PartitionDetails(IReadOnlyList<PartitionWatch>? Watches);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PartitionDetails))]
sealed partial class PartitionJson : JsonSerializerContext;
