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

    /// <summary>Whether properties in the form of <see cref="PropertyJson"/> have it.</summary>
    public bool MatchesJson(string properties)
    {
        using var json = JsonDocument.Parse(properties);
        return json.RootElement.TryGetProperty(Property, out var member) && member.ValueKind switch
        {
            JsonValueKind.Null => false,
            JsonValueKind.True => MatchesText("true"),
            JsonValueKind.False => MatchesText("false"),
            _ => MatchesText(member.ToString()),
        };
    }
}
