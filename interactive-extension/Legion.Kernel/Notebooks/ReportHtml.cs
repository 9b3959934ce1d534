using System.Net;
using AngleSharp.Html;
using AngleSharp.Html.Dom;
using Ganss.Xss;
using Markdig;

namespace Legion.Kernel.Notebooks;

/// <summary>Takes from HTML that a notebook's author or outputs wrote what could run, load or leave the page.</summary>
sealed class ReportHtml
{
    static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseEmphasisExtras().UseAutoLinks().UseTaskLists().Build();

    readonly HtmlSanitizer _sanitizer = new();
    bool _removedScript;

    /// <summary>Elements that a text or an output may have.</summary>
    public static IReadOnlySet<string> AllowedTags { get; } = new ReportHtml()._sanitizer.AllowedTags.ToHashSet(StringComparer.OrdinalIgnoreCase);

    public ReportHtml()
    {
        _sanitizer.AllowedTags.Add("details");
        _sanitizer.AllowedTags.Add("summary");
        _sanitizer.AllowedAttributes.Add("open");
        // A report that a viewer serves may open no tab, and a link that wants one would do nothing.
        _sanitizer.AllowedAttributes.Remove("target");
        // A page that works offline has its images inside. Anywhere else a data: address can be a page of its own.
        _sanitizer.AllowedSchemes.Add("data");
        _sanitizer.FilterUrl += (_, url) =>
        {
            var isData = url.OriginalUrl.TrimStart().StartsWith("data:", StringComparison.OrdinalIgnoreCase);
            var isImage = url.Tag is IHtmlImageElement;
            if (isData && !(isImage && url.OriginalUrl.TrimStart().StartsWith("data:image/", StringComparison.OrdinalIgnoreCase)) || isImage && !isData)
                url.SanitizedUrl = null;
        };
        _sanitizer.RemovingTag += (_, removing) => _removedScript |= removing.Tag is IHtmlScriptElement;
    }

    /// <summary>Adds the text's headings, of the first three levels, to the list.</summary>
    public string Markdown(string source, List<(int Level, string Id, string Text)> headings)
    {
        var document = Sanitize(Markdig.Markdown.ToHtml(source, Pipeline));
        foreach (var heading in document.QuerySelectorAll("h1, h2, h3"))
        {
            // Ids are ours: one from the text could take the place of something the page's scripts look for.
            heading.Id = $"section-{headings.Count + 1}";
            headings.Add((heading.LocalName[1] - '0', heading.Id, heading.TextContent.Trim()));
        }
        return Inner(document);
    }

    public string Output(string html) => Inner(Sanitize(html));

    public static string Note(string text) => $"<p class=\"note\">{WebUtility.HtmlEncode(text)}</p>\n";

    IHtmlDocument Sanitize(string html)
    {
        _removedScript = false;
        return _sanitizer.SanitizeDom(html);
    }

    string Inner(IHtmlDocument document)
    {
        using var writer = new StringWriter();
        foreach (var node in document.Body!.ChildNodes)
            node.ToHtml(writer, HtmlMarkupFormatter.Instance);
        return _removedScript ? writer + Note("A script was removed here: a report runs none but its own.") : writer.ToString();
    }
}
