using System.Globalization;
using System.Text.RegularExpressions;

namespace Legion.Kernel.Notebooks;

/// <summary>
/// Tells in one pass whether a page is marked up as reports are: each element ends where it should, and none lies deep in others.
/// A parser of HTML takes anything, and of pages that are made for it some take hours.
/// </summary>
static partial class ReportMarkup
{
    /// <summary>Browsers end at twice that.</summary>
    const int MostDepth = 256;

    const int MostAttributes = 64;

    const string Doctype = "<!DOCTYPE html>";

    static readonly HashSet<string> Void = new(StringComparer.OrdinalIgnoreCase) { "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr" };

    /// <exception cref="FormatException">It is not; the message says where.</exception>
    public static void Check(string html)
    {
        var open = new Stack<string>();
        var at = html.StartsWith(Doctype, StringComparison.OrdinalIgnoreCase) ? Doctype.Length : 0;
        while ((at = html.IndexOf('<', at)) >= 0)
        {
            if (End().Match(html, at) is { Success: true } end)
            {
                var name = end.Groups["name"].Value;
                if (!open.TryPop(out var opened) || !opened.Equals(name, StringComparison.OrdinalIgnoreCase)) throw Wrong(at, $"an end of '{Some(name)}' that ends nothing");
                at += end.Length;
                continue;
            }
            if (Begin().Match(html, at) is not { Success: true } begin) throw Wrong(at, "something else than elements and text");
            var tag = begin.Groups["name"].Value;
            if (begin.Groups["attribute"].Captures.Count > MostAttributes) throw Wrong(at, $"more than {MostAttributes} attributes");
            at += begin.Length;
            if (Void.Contains(tag)) continue;
            open.Push(tag);
            if (open.Count > MostDepth) throw Wrong(at, $"elements nested more than {MostDepth} deep");
            if (!tag.Equals("script", StringComparison.OrdinalIgnoreCase) && !tag.Equals("style", StringComparison.OrdinalIgnoreCase)) continue;
            at = html.IndexOf($"</{tag}>", at, StringComparison.OrdinalIgnoreCase);
            if (at < 0) break;
        }
        if (open.TryPeek(out var left)) throw Wrong(html.Length, $"no end of '{Some(left)}'");
    }

    static FormatException Wrong(int at, string what) => new(string.Create(CultureInfo.InvariantCulture, $"expected markup as a report has it, saw {what} at character {at}"));

    static string Some(string name) => name.Length <= 20 ? name : name[..20] + "…";

    [GeneratedRegex(@"\G</(?<name>[a-zA-Z][a-zA-Z0-9]*)>", RegexOptions.ExplicitCapture)]
    private static partial Regex End();

    /// <summary>Values stand in double quotes, as serializers write them.</summary>
    [GeneratedRegex("""\G<(?<name>[a-zA-Z][a-zA-Z0-9]*)(?<attribute>[ \n]+[^\s"'<>/=]+(="[^"]*")?)*[ \n]*>""", RegexOptions.ExplicitCapture)]
    private static partial Regex Begin();
}
