using System.Globalization;
using System.Text.Json;

namespace Legion.Lakehouse;

/// <summary>How JSON for browsers has what a JavaScript number cannot hold.</summary>
public static class JsonText
{
    /// <summary>The largest whole number of which a JavaScript number holds every smaller one.</summary>
    const long SafeInteger = (1L << 53) - 1;

    /// <summary>A 64-bit number as a decimal string, or null.</summary>
    public static void WriteInt64(this Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number) json.WriteString(name, number.ToString(CultureInfo.InvariantCulture));
        else json.WriteNull(name);
    }

    /// <summary>Properties as the lake stores them: a JSON object, in which numbers that would lose digits become strings.</summary>
    public static void WriteProperties(this Utf8JsonWriter json, string name, string stored)
    {
        using var document = JsonDocument.Parse(stored);
        json.WriteStartObject(name);
        foreach (var property in document.RootElement.EnumerateObject())
        {
            json.WritePropertyName(property.Name);
            if (property.Value.ValueKind == JsonValueKind.Number && LosesDigits(property.Value)) json.WriteStringValue(property.Value.GetRawText());
            else property.Value.WriteTo(json);
        }
        json.WriteEndObject();
    }

    static bool LosesDigits(JsonElement number) =>
        number.TryGetInt64(out var value) ? value is > SafeInteger or < -SafeInteger : number.TryGetUInt64(out _);
}
