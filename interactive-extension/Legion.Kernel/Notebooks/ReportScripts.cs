using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Legion.Kernel.Display;
using Legion.Lakehouse;

namespace Legion.Kernel.Notebooks;

/// <summary>
/// Tells reports that this program writes from other pages: by the scripts, of which each is one of its own, and by having nothing that a report never has.
/// What the page says of itself, such as its policy, counts for nothing.
/// </summary>
public sealed class ReportScripts
{
    const string Data = "application/json", Module = "module";

    /// <summary>How much of something unknown a message shows.</summary>
    const int MostShown = 60;

    static readonly HashSet<string> OwnTags = ["html", "head", "meta", "title", "style", "body", "main", "nav", "section", "script"];

    /// <summary>Of what a page may leave for, or take in: attributes that a report has only where they lead nowhere by themselves.</summary>
    static readonly HashSet<string> LeavingAttributes = ["srcdoc", "formaction", "ping", "background", "manifest", "shadowrootmode", "srcset"];

    readonly HashSet<string> _own;

    /// <param name="modules">Those that reports are written with.</param>
    public ReportScripts(CellModules modules) => _own = [.. modules.Names.Select(name => HashOf(InlineModule.Write(name, modules.Source(name)!)))];

    /// <summary>A script as a policy names it.</summary>
    internal static string HashOf(string script) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)))}'";

    /// <exception cref="FormatException">It is no report of this program; the message says what was seen.</exception>
    public ReportContent Read(ReadOnlyMemory<byte> html)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(html.Span);
        }
        catch (DecoderFallbackException)
        {
            throw new FormatException("expected a report as HTML in UTF-8, saw other bytes");
        }
        ReportMarkup.Check(text);
        using var page = new HtmlParser().ParseDocument(text);
        if (!page.QuerySelectorAll("meta").Any(IsPolicy))
            throw new FormatException("expected a report that `legion notebook run --out` wrote, saw another page: it has no policy");
        var scripts = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var element in page.All)
        {
            if (element is IHtmlScriptElement script) Read(script, scripts);
            else CheckTag(element);
            // The parser makes of such a template what browsers make of it, and keeps it apart.
            if (element.ShadowRoot is not null) throw new FormatException("expected what a report is made of, saw an element 'template'");
            foreach (var attribute in element.Attributes) CheckAttribute(element, attribute);
        }
        return new ReportContent(page.Title ?? "", [.. scripts]);
    }

    void Read(IHtmlScriptElement script, SortedSet<string> scripts)
    {
        var (type, text) = (script.GetAttribute("type") ?? "", script.TextContent);
        if (script.HasAttribute("src")) throw new FormatException($"expected scripts that are a report's own, saw one that is loaded: '{Some(script.GetAttribute("src")!)}'");
        if (type == Data && !text.Contains('<')) return;
        var hash = HashOf(text);
        if (type == Module && _own.Contains(hash)) scripts.Add(hash);
        else
            throw new FormatException(string.Create(CultureInfo.InvariantCulture,
                $"expected scripts that this version writes into reports, saw one of type '{Some(type)}' and hash {hash[1..^1]} that begins with '{Some(text.TrimStart())}'; write the report anew with this version of legion"));
    }

    static void CheckTag(IElement element)
    {
        var tag = element.LocalName;
        var isKnown = element.NamespaceUri == NamespaceNames.HtmlUri && (OwnTags.Contains(tag) || ReportHtml.AllowedTags.Contains(tag));
        if (!isKnown) throw new FormatException($"expected what a report is made of, saw an element '{Some(tag)}'");
        if (tag == "meta" && element.HasAttribute("http-equiv") && !IsPolicy(element)) throw new FormatException($"expected a policy and no other directive, saw '{Some(element.GetAttribute("http-equiv")!)}'");
    }

    static void CheckAttribute(IElement element, IAttr attribute)
    {
        var name = attribute.LocalName;
        if (name.StartsWith("on", StringComparison.OrdinalIgnoreCase) || LeavingAttributes.Contains(name))
            throw new FormatException($"expected what a report is made of, saw an attribute '{Some(name)}' of '{Some(element.LocalName)}'");
        // Browsers pass over what stands around a scheme, and tabs and lines in it.
        if (name is "href" or "src" && new string([.. attribute.Value.Where(letter => letter > ' ')]) is var address
            && (address.StartsWith("javascript:", StringComparison.OrdinalIgnoreCase) || address.StartsWith("vbscript:", StringComparison.OrdinalIgnoreCase)))
            throw new FormatException($"expected addresses, saw '{Some(attribute.Value)}'");
    }

    static bool IsPolicy(IElement element) => element.LocalName == "meta" && string.Equals(element.GetAttribute("http-equiv"), "Content-Security-Policy", StringComparison.OrdinalIgnoreCase);

    static string Some(string text) => new([.. (text.Length <= MostShown ? text : text[..MostShown] + "…").Select(letter => char.IsControl(letter) ? ' ' : letter)]);
}
