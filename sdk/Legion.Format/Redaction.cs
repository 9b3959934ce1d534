using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Legion.Format;

/// <summary>What happens to the value of a property.</summary>
public enum RedactionRule
{
    Keep,

    /// <summary>The property is left out; an argument of a log is null.</summary>
    Drop,

    /// <summary>In its place stands what <see cref="Redaction.HashOf"/> makes of it.</summary>
    Hash,
}

/// <summary>
/// Properties whose values are not to be written anywhere, by name. Names are compared without regard to case, as one too many does less harm than one too few.
/// </summary>
public sealed record Redaction
{
    /// <summary>What a hashed value begins with; 32 hexadecimal digits follow.</summary>
    public const string HashPrefix = "hmac-sha256:";

    /// <summary>Half of the digest, which is enough to tell values apart and keeps texts short.</summary>
    const int HashBytes = 16;

    const int LeastKeyCharacters = 16;

    FrozenDictionary<string, RedactionRule>? rules;

    public Redaction()
    {
    }

    Redaction(Redaction other)
    {
        Drop = other.Drop;
        Hash = other.Hash;
        Key = other.Key;
    }

    /// <summary>Names of properties that are left out.</summary>
    public IReadOnlyList<string> Drop { get; init; } = [];

    /// <summary>Names of properties of which a keyed hash is written: equal values stay equal, and nobody without the key can find out which they were.</summary>
    public IReadOnlyList<string> Hash { get; init; } = [];

    /// <summary>Secret text of at least 16 characters, needed for <see cref="Hash"/>. Who has it can tell whether a hash is that of a value he guesses.</summary>
    public string? Key { get; init; }

    /// <exception cref="ArgumentException">A name is empty or has two rules, or there is something to hash and no key.</exception>
    public void Check()
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in Drop.Concat(Hash))
        {
            if (name.Length == 0) throw new ArgumentException("expected names of properties to redact, saw an empty one", nameof(Redaction));
            if (!names.Add(name)) throw new ArgumentException($"expected each property once in Drop or in Hash, saw '{name}' twice", nameof(Redaction));
        }
        if (Hash.Count > 0 && (Key?.Length ?? 0) < LeastKeyCharacters)
            throw new ArgumentException($"expected a Key of at least {LeastKeyCharacters} characters to hash properties with, saw {Key?.Length ?? 0}", nameof(Redaction));
    }

    public RedactionRule RuleOf(string name) => (rules ??= Rules()).GetValueOrDefault(name);

    /// <summary>
    /// HMAC-SHA-256 of the value's text, the first half of it as lower-case hexadecimal digits behind <see cref="HashPrefix"/>.
    /// A value has one text whatever its type, so that 42 and "42" stay equal; nothing stays nothing.
    /// </summary>
    public Value HashOf(Value value)
    {
        if (value.Tag == ValueTag.Null) return value;
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(Key ?? ""), value.Tag == ValueTag.Bytes ? value.AsBytes : Encoding.UTF8.GetBytes(TextOf(value)), digest);
        return HashPrefix + Convert.ToHexStringLower(digest[..HashBytes]);
    }

    /// <summary>What may be written of the properties, in their order.</summary>
    public IEnumerable<Property> Apply(IEnumerable<Property> properties)
    {
        foreach (var property in properties)
            if (TryApply(property, out var left)) yield return left;
    }

    /// <returns>False for a property that is to be left out.</returns>
    public bool TryApply(in Property property, out Property left)
    {
        left = property;
        switch (RuleOf(property.Key))
        {
            case RedactionRule.Drop: return false;
            case RedactionRule.Hash:
                left = property with { Value = HashOf(property.Value) };
                return true;
            default: return true;
        }
    }

    /// <summary>The text by which values of different types are compared: <c>true</c> and <c>false</c>, numbers in the shortest form that gives them back, bytes as base64.</summary>
    public static string TextOf(Value value) => value.Tag switch
    {
        ValueTag.Bool => value.AsBool ? "true" : "false",
        ValueTag.I64 => value.AsI64.ToString(CultureInfo.InvariantCulture),
        ValueTag.U64 => value.AsU64.ToString(CultureInfo.InvariantCulture),
        ValueTag.F64 => value.AsF64.ToString("R", CultureInfo.InvariantCulture),
        ValueTag.String => value.AsString,
        ValueTag.Bytes => Convert.ToBase64String(value.AsBytes),
        _ => "",
    };

    /// <summary>Never shows the key.</summary>
    public override string ToString() => $"drop [{string.Join(", ", Drop)}], hash [{string.Join(", ", Hash)}]";

    FrozenDictionary<string, RedactionRule> Rules()
    {
        var made = new Dictionary<string, RedactionRule>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in Hash) made[name] = RedactionRule.Hash;
        foreach (var name in Drop) made[name] = RedactionRule.Drop;
        return made.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
