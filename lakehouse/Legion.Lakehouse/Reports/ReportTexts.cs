using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Legion.Lakehouse;

/// <summary>What stands in a report as text, whole and by words: what is between its tags, and the texts of the data that its cells are drawn from.</summary>
static partial class ReportTexts
{
    const string Around = ".,;:!?\"'()[]{}<>=";

    public static IEnumerable<string> Of(ReadOnlyMemory<byte> html)
    {
        var page = Encoding.UTF8.GetString(html.Span);
        foreach (Match data in Data().Matches(page))
            foreach (var text in TextsIn(data.Groups["json"].Value)) yield return text;
        foreach (Match piece in Piece().Matches(WithoutScripts(page)))
            foreach (var text in WordsOf(WebUtility.HtmlDecode(piece.Groups["text"].Value))) yield return text;
    }

    /// <summary>A text as a whole, its words, and these without what stands around them.</summary>
    public static IEnumerable<string> WordsOf(string text) =>
        text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).SelectMany(word => (string[])[word, word.Trim(Around.ToCharArray())]).Append(text.Trim()).Where(each => each.Length > 0).Distinct();

    /// <summary>In one pass, whatever the page is.</summary>
    static string WithoutScripts(string page)
    {
        var rest = new StringBuilder();
        var from = 0;
        while (page.IndexOf('<', from) is >= 0 and var tag)
        {
            var end = Starts("<script") ? "</script" : Starts("<style") ? "</style" : null;
            rest.Append(page, from, tag + 1 - from);
            from = tag + 1;
            if (end is null) continue;
            from = page.IndexOf(end, from, StringComparison.OrdinalIgnoreCase);
            if (from < 0) return rest.ToString();

            bool Starts(string name) => page.AsSpan(tag).StartsWith(name, StringComparison.OrdinalIgnoreCase);
        }
        return rest.Append(page, from, page.Length - from).ToString();
    }

    static IEnumerable<string> TextsIn(string json)
    {
        using var document = Read(json);
        // What is no JSON is text.
        if (document is null) return [.. WordsOf(json)];
        var found = new List<string>();
        var left = new Stack<JsonElement>([document.RootElement]);
        while (left.TryPop(out var value))
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (var member in value.EnumerateObject())
                    {
                        found.AddRange(WordsOf(member.Name));
                        left.Push(member.Value);
                    }
                    break;
                case JsonValueKind.Array:
                    foreach (var item in value.EnumerateArray()) left.Push(item);
                    break;
                case JsonValueKind.String:
                    found.AddRange(WordsOf(value.GetString()!));
                    break;
                default:
                    found.Add(value.GetRawText());
                    break;
            }
        }
        return found;
    }

    static JsonDocument? Read(string json)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [GeneratedRegex("""<script type="application/json">(?<json>[^<]*)</script>""", RegexOptions.ExplicitCapture)]
    private static partial Regex Data();

    [GeneratedRegex("(^|>)(?<text>[^<]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Piece();
}
