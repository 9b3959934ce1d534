using System.Text.Json;
using Legion.Lakehouse.Timeline;

namespace Legion.Lakehouse.Graphs;

/// <summary>Calls on one side of a function.</summary>
/// <param name="Calls">Those of most time first.</param>
/// <param name="LeftOut">Others, and their time.</param>
public sealed record Wing(IReadOnlyList<FunctionCall> Calls, int LeftOut, long LeftOutNs)
{
    internal static Wing Of(IEnumerable<FunctionCall> calls, int most)
    {
        var all = calls.ToArray();
        return new(all.Length <= most ? all : all[..most], Math.Max(0, all.Length - most), all.Skip(most).Sum(call => call.TotalNs));
    }
}

/// <summary>A function between who calls it and whom it calls.</summary>
/// <param name="FromNs">Nanoseconds UTC.</param>
/// <param name="ToNs">Exclusive.</param>
public sealed record FunctionCalls(long FromNs, long ToNs, CallFunction Middle, Wing Callers, Wing Callees)
{
    /// <summary>Of a side, more than anybody reads.</summary>
    public const int Usual = 500;

    /// <summary>Writes the JSON object that browsers read. Durations are numbers: they fit for a hundred days.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteInt64("from_ns", FromNs);
        json.WriteInt64("to_ns", ToNs);
        json.WritePropertyName("middle");
        Middle.WriteTo(json);
        Write("callers", Callers, call => call.Caller);
        Write("callees", Callees, call => call.Callee);
        json.WriteEndObject();

        void Write(string side, Wing wing, Func<FunctionCall, string?> nameOf)
        {
            json.WriteStartArray(side);
            foreach (var call in wing.Calls)
            {
                json.WriteStartArray();
                json.WriteStringValue(nameOf(call));
                json.WriteNumberValue(call.Count);
                json.WriteNumberValue(call.TotalNs);
                json.WriteEndArray();
            }
            json.WriteEndArray();
            json.WriteNumber(side + "_left_out", wing.LeftOut);
            json.WriteNumber(side + "_left_out_ns", wing.LeftOutNs);
        }
    }
}
