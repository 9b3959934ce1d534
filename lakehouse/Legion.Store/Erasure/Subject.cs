using System.Security.Cryptography;
using System.Text.Json;
using Legion.Format;

namespace Legion.Store;

/// <summary>A value of a property that is erased, and how what has it is recognised.</summary>
public sealed class Subject
{
    readonly string? value;
    readonly ErasureKeys? keys;
    readonly byte[] digest;

    Subject(string property, string? value, ErasureKeys? keys, byte[] digest)
    {
        Property = property;
        this.value = value;
        this.keys = keys;
        this.digest = digest;
    }

    public string Property { get; }

    /// <summary>Of an erasure of <see cref="ErasureKind.Property"/>: by the value where it is known still, and otherwise by its digest.</summary>
    public static Subject Of(ErasureRow erasure, ErasureKeys keys) => new(erasure.Property, erasure.Value, keys, erasure.Digest.ToArray());

    /// <summary>By a value that is known.</summary>
    public static Subject Of(Property property) => new(property.Key, Redaction.TextOf(property.Value), null, []);

    /// <summary>Whether a property is it. Values of all types are compared by their text.</summary>
    public bool Matches(string name, Value other) => name == Property && other.Tag != ValueTag.Null && MatchesText(Redaction.TextOf(other));

    /// <summary>Whether the value of the property of this name is it.</summary>
    public bool MatchesText(string text) => value is not null ? text == value : CryptographicOperations.FixedTimeEquals(keys!.DigestOf(Property, text), digest);

    public bool Matches(ReadOnlySpan<Property> properties)
    {
        foreach (var property in properties)
            if (Matches(property.Key, property.Value)) return true;
        return false;
    }

    /// <summary>Whether properties in the form of <see cref="PropertyJson"/> have it. Maps and lists are text in there, JSON again, and are looked through.</summary>
    public bool MatchesJson(string properties)
    {
        using var json = JsonDocument.Parse(properties);
        return Has(json.RootElement);
    }

    /// <summary>Whether it lies in a value.</summary>
    bool Has(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Any(member => member.Name == Property && Is(member.Value) || Has(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().Any(Has),
        JsonValueKind.String => InText(value, Has),
        _ => false,
    };

    /// <summary>Whether the value of the property of this name is it, or a list that has it.</summary>
    bool Is(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => false,
        JsonValueKind.True => MatchesText("true"),
        JsonValueKind.False => MatchesText("false"),
        JsonValueKind.Array => value.EnumerateArray().Any(Is),
        JsonValueKind.String => MatchesText(value.GetString()!) || InText(value, Is),
        _ => MatchesText(value.ToString()),
    };

    static bool InText(JsonElement text, Func<JsonElement, bool> matches)
    {
        if (text.GetString() is not ['{' or '[', ..] inner) return false;
        try
        {
            using var json = JsonDocument.Parse(inner);
            return matches(json.RootElement);
        }
        catch (JsonException)
        {
            return false; // a text that means something else
        }
    }
}
