using System.Text.Json;
using Legion.Lakehouse.Timeline;

namespace Legion.Lakehouse.Graphs;

/// <summary>Calls between two functions of an answer, by their numbers.</summary>
/// <param name="TotalNs">As of <see cref="FunctionCall"/>.</param>
public readonly record struct DrawnCall(int Caller, int Callee, long Count, long TotalNs);

/// <summary>The heaviest functions of a time, where each is drawn, and the calls between them.</summary>
/// <param name="FromNs">Nanoseconds UTC.</param>
/// <param name="ToNs">Exclusive.</param>
/// <param name="Functions">Those of most time first.</param>
/// <param name="Points">Of each function.</param>
/// <param name="Calls">Those of most time first.</param>
/// <param name="FunctionsLeftOut">Lighter ones.</param>
/// <param name="CallsLeftOut">Lighter ones, and those from or to functions that are left out.</param>
public sealed record DrawnGraph(
    long FromNs, long ToNs, IReadOnlyList<CallFunction> Functions, IReadOnlyList<GraphPoint> Points, IReadOnlyList<DrawnCall> Calls, int FunctionsLeftOut, int CallsLeftOut)
{
    /// <summary>Writes the JSON object that browsers read. Durations are numbers: they fit for a hundred days.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteInt64("from_ns", FromNs);
        json.WriteInt64("to_ns", ToNs);
        json.WriteStartArray("functions");
        foreach (var function in Functions) function.WriteTo(json);
        json.WriteEndArray();
        json.WriteStartArray("points");
        foreach (var (x, y) in Points)
        {
            json.WriteStartArray();
            json.WriteNumberValue(Math.Round(x, 3));
            json.WriteNumberValue(Math.Round(y, 3));
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteStartArray("calls");
        foreach (var (caller, callee, count, totalNs) in Calls)
        {
            json.WriteStartArray();
            json.WriteNumberValue(caller);
            json.WriteNumberValue(callee);
            json.WriteNumberValue(count);
            json.WriteNumberValue(totalNs);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteNumber("functions_left_out", FunctionsLeftOut);
        json.WriteNumber("calls_left_out", CallsLeftOut);
        json.WriteEndObject();
    }
}
