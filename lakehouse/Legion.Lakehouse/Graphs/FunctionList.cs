using System.Text.Json;
using Legion.Lakehouse.Timeline;

namespace Legion.Lakehouse.Graphs;

/// <summary>The functions of a time of a process to choose from.</summary>
/// <param name="FromNs">Nanoseconds UTC.</param>
/// <param name="ToNs">Exclusive.</param>
/// <param name="Spans">All that were merged.</param>
/// <param name="TotalNs">Time of all roots: what the share of a function is a share of.</param>
/// <param name="Functions">Those of most time, and of most self time.</param>
/// <param name="LeftOut">Functions that are not among them.</param>
public sealed record FunctionList(long FromNs, long ToNs, long Spans, long TotalNs, IReadOnlyList<CallFunction> Functions, int LeftOut)
{
    /// <summary>Names beyond these are mostly made of numbers.</summary>
    public const int Usual = 10_000;

    public static FunctionList Of(CallForest forest, int most = Usual)
    {
        var shown = forest.HeaviestFunctions(most);
        return new(forest.FromNs, forest.ToNs, forest.Spans, forest.Lanes.Sum(lane => lane.Root.Children.Sum(root => root.TotalNs)), shown, forest.Functions.Count - shown.Count);
    }

    /// <summary>Writes the JSON object that browsers read. Durations are numbers: they fit for a hundred days.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteInt64("from_ns", FromNs);
        json.WriteInt64("to_ns", ToNs);
        json.WriteNumber("spans", Spans);
        json.WriteNumber("total_ns", TotalNs);
        json.WriteStartArray("functions");
        foreach (var function in Functions) function.WriteTo(json);
        json.WriteEndArray();
        json.WriteNumber("functions_left_out", LeftOut);
        json.WriteEndObject();
    }
}
