using System.Text.Json;

namespace Legion.Cli.Serving.Tokens;

/// <summary>How a role or a tenant is read from a token: always the same, or what one of its claims says, by itself or through a table.</summary>
/// <param name="Fixed">The same for each token; null where a claim says it.</param>
/// <param name="Claim">A claim's name, or where there is none of it, names of nested claims with dots between them.</param>
/// <param name="Table">What the claim's values mean; null where they mean themselves. Values that are not in it mean nothing.</param>
sealed record ClaimRule(string? Fixed, string Claim, IReadOnlyList<KeyValuePair<string, string>>? Table)
{
    /// <summary>Claims that list their values in one text, with spaces between them.</summary>
    static readonly string[] listed = ["scope", "scp"];

    public static ClaimRule Always(string value) => new(value, "", null);

    /// <returns>What the token means by it, the first of the table where it means several; null where it says nothing of it.</returns>
    public string? Read(JsonElement claims)
    {
        if (Fixed is not null) return Fixed;
        var values = Values(claims);
        return Table is null ? values.FirstOrDefault() : Table.FirstOrDefault(row => values.Contains(row.Key)).Value;
    }

    List<string> Values(JsonElement claims)
    {
        if (Find(claims) is not { } found) return [];
        var elements = found.ValueKind == JsonValueKind.Array ? found.EnumerateArray().ToList() : [found];
        var texts = elements.Where(element => element.ValueKind == JsonValueKind.String).Select(element => element.GetString()!);
        return [.. listed.Contains(Claim) ? texts.SelectMany(text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries)) : texts];
    }

    JsonElement? Find(JsonElement claims)
    {
        if (claims.TryGetProperty(Claim, out var named)) return named;
        foreach (var part in Claim.Split('.'))
            if (claims.ValueKind != JsonValueKind.Object || !claims.TryGetProperty(part, out claims)) return null;
        return claims;
    }
}
