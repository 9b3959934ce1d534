using System.Text.Json;
using System.Text.Json.Serialization;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>What a partition of many processes has, as its catalog row keeps it.</summary>
/// <param name="Hour">Of its blocks' day, 0 to 23; <see cref="WholeDay"/> where it has more than one.</param>
/// <param name="FromNs">The earliest time of its rows, nanoseconds UTC.</param>
/// <param name="ToNs">The latest.</param>
/// <param name="Rows">Of sums the path of the file whose rows they sum up.</param>
sealed record GlobalDetails(int Hour, long FromNs, long ToNs, string? Rows = null)
{
    public const int WholeDay = 24;

    public string ToJson() => JsonSerializer.Serialize(this, GlobalJson.Default.GlobalDetails);

    public static GlobalDetails Of(PartitionRow row) => JsonSerializer.Deserialize(row.Details, GlobalJson.Default.GlobalDetails)
        ?? throw new InvalidDataException($"expected the hour and times of partition {row.Key}, saw '{row.Details}'");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(GlobalDetails))]
sealed partial class GlobalJson : JsonSerializerContext;
