using System.Net;
using System.Text;
using Legion.Kernel.Cells;
using Legion.Kernel.Display;

namespace Legion.Kernel.Notebooks;

/// <summary>
/// Writes an executed notebook as one HTML file that works offline. Its policy lets run exactly the scripts
/// written here, each named by its hash; whatever a notebook's texts or outputs smuggle in stays inert.
/// </summary>
sealed class Report
{
    readonly StringBuilder _body = new();
    readonly List<(int Level, string Id, string Text)> _headings = [];
    readonly SortedSet<string> _usedModules = new(StringComparer.Ordinal);
    readonly ReportHtml _html = new();
    readonly CellModules _modules;

    Report(CellModules modules) => _modules = modules;

    /// <param name="name">The title, where the notebook has no heading.</param>
    public static string Write(NotebookFile notebook, string name, CellModules modules)
    {
        var report = new Report(modules);
        foreach (var cell in notebook.Cells)
            report.Add(cell);
        return report.Page(name);
    }

    void Add(NotebookCell cell)
    {
        if (cell.IsMarkdown)
        {
            _body.Append("<section class=\"text\">").Append(_html.Markdown(cell.Source, _headings)).Append("</section>\n");
        }
        else if (cell.IsCode && cell.Source.Length > 0)
        {
            var lines = cell.Source.Trim().Split('\n');
            var more = lines.Length > 1 ? $" <span>… {lines.Length} lines</span>" : "";
            _body.Append("<section class=\"cell\"><details><summary><code>").Append(Encode(lines[0])).Append("</code>").Append(more)
                .Append("</summary><pre>").Append(Encode(cell.Source)).Append("</pre></details>\n");
            foreach (var output in cell.Outputs)
                Add(output);
            _body.Append("</section>\n");
        }
    }

    void Add(CellOutput output)
    {
        switch (output)
        {
            case StreamOutput stream:
                _body.Append(stream.Name == StreamName.Error ? "<pre class=\"error\">" : "<pre>").Append(Encode(stream.Text)).Append("</pre>\n");
                break;
            case ErrorOutput error:
                _body.Append("<pre class=\"error\">").Append(Encode(string.Join('\n', error.Traceback))).Append("</pre>\n");
                break;
            case DisplayOutput display:
                Add(display.Data);
                break;
            case ResultOutput result:
                Add(result.Data);
                break;
        }
    }

    void Add(MimeBundle bundle)
    {
        if (LiveCell.From(bundle) is { } cell)
        {
            var known = _modules.Source(cell.Module) is not null;
            if (known)
                _usedModules.Add(cell.Module);
            _body.Append("<div class=\"live\" data-module=\"").Append(Encode(cell.Module)).Append("\" data-note=\"").Append(Encode(cell.Note ?? "")).Append("\"><script type=\"application/json\">").Append(cell.Model)
                .Append("</script><div class=\"fallback\">").Append(_html.Output(cell.Fallback)).Append("</div></div>\n");
            if (!known)
                _body.Append(ReportHtml.Note($"This report was made without the module '{cell.Module}', which draws this cell."));
        }
        else if (bundle[MimeBundle.Html] is { } html)
            _body.Append("<div class=\"output\">").Append(_html.Output(html)).Append("</div>\n");
        else if (bundle[MimeBundle.Svg] is { } svg)
            Image(MimeBundle.Svg, Convert.ToBase64String(Encoding.UTF8.GetBytes(svg)));
        else if (bundle[MimeBundle.Png] is { } png)
            Image(MimeBundle.Png, png);
        else
            _body.Append("<pre>").Append(Encode(bundle[MimeBundle.Plain] ?? "")).Append("</pre>\n");
    }

    void Image(string mimeType, string base64) =>
        _body.Append("<img alt=\"output\" src=\"data:").Append(mimeType).Append(";base64,").Append(Encode(base64)).Append("\">\n");

    string Page(string name)
    {
        var scripts = _usedModules.Select(module => InlineModule.Write(module, _modules.Source(module)!)).ToList();
        var hashes = scripts.Select(ReportScripts.HashOf);
        var policy = "default-src 'none'; "
            + (scripts.Count == 0 ? "script-src 'none'" : $"script-src {string.Join(' ', hashes)}")
            + "; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

        var page = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
        page.Append($"<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n");
        page.Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        page.Append($"<title>{Encode(_headings.Count > 0 ? _headings[0].Text : name)}</title>\n");
        page.Append("<style>").Append(PlotlyModule.Read("report.css")).Append("</style></head>\n<body>\n");
        if (_headings.Count > 1)
        {
            page.Append("<nav><ol>");
            foreach (var (level, id, text) in _headings)
                page.Append($"<li class=\"level{level}\"><a href=\"#{id}\">{Encode(text)}</a></li>");
            page.Append("</ol></nav>\n");
        }
        page.Append("<main>\n").Append(_body).Append("</main>\n");
        foreach (var script in scripts)
            page.Append("<script type=\"module\">").Append(script).Append("</script>\n");
        return page.Append("</body></html>\n").ToString();
    }

    static string Encode(string text) => WebUtility.HtmlEncode(text);
}
