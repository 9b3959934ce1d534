using System.Globalization;
using System.Text.Json;

namespace Legion.Notebook;

/// <summary>A JSON object that a cell sent. What it lacks or has otherwise is a <see cref="FormatException"/> that says what was expected.</summary>
readonly struct CellMessage
{
    readonly JsonElement _object;

    public CellMessage(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new FormatException($"expected an object of a cell, saw {element.ValueKind}");
        _object = element;
    }

    public bool Has(string name) => _object.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    public CellMessage Object(string name) => new(Value(name, JsonValueKind.Object));

    public string Text(string name) => Value(name, JsonValueKind.String).GetString()!;

    public IReadOnlyList<string> Texts(string name, int most)
    {
        var array = Value(name, JsonValueKind.Array);
        if (array.GetArrayLength() > most)
            throw new FormatException($"expected at most {most} in {name}, saw {array.GetArrayLength()}");
        return array.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : throw new FormatException($"expected texts in {name}, saw {item.ValueKind}")).ToList();
    }

    public int Number(string name, int least, int most) =>
        Value(name, JsonValueKind.Number).TryGetInt32(out var number) && number >= least && number <= most
            ? number
            : throw new FormatException($"expected {name} from {least} to {most}, saw {_object.GetProperty(name).GetRawText()}");

    /// <summary>A 64-bit number, which is a decimal string in JSON.</summary>
    public long Long(string name) =>
        long.TryParse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"expected a decimal number as {name}, saw '{Text(name)}'");

    /// <summary>As <see cref="Long"/>, of a number that has no sign.</summary>
    public ulong Unsigned(string name) =>
        ulong.TryParse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"expected a decimal number without a sign as {name}, saw '{Text(name)}'");

    public Guid Id(string name) =>
        Guid.TryParse(Text(name), out var id) ? id : throw new FormatException($"expected an id as {name}, saw '{Text(name)}'");

    JsonElement Value(string name, JsonValueKind kind) =>
        !_object.TryGetProperty(name, out var value) ? throw new FormatException($"expected {name} in what the cell sent")
        : value.ValueKind != kind ? throw new FormatException($"expected {name} to be a JSON {kind.ToString().ToLowerInvariant()}, saw {value.ValueKind}")
        : value;
}
