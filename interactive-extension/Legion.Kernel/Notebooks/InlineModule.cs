using System.Text.Json;
using System.Text.RegularExpressions;

namespace Legion.Kernel.Notebooks;

/// <summary>
/// A cell module inside a page. A page cannot import a module it contains, and the policy forbids to make one
/// up, so the module draws its cells itself: a few lines behind its own call its render function.
/// </summary>
static partial class InlineModule
{
    /// <exception cref="InvalidDataException">The module exports no render function, or imports another module.</exception>
    public static string Write(string name, string source)
    {
        if (ImportPattern().IsMatch(source))
            throw new InvalidDataException($"cannot put the module '{name}' into a page: it imports another");
        var render = RenderName(source)
            ?? throw new InvalidDataException($"cannot put the module '{name}' into a page: it exports no 'render'");
        var script = $$"""
            {{source}}
            for (const cell of document.querySelectorAll('.live[data-module={{JsonSerializer.Serialize(name)}}]')) {
              const fallback = cell.querySelector(".fallback");
              const el = document.createElement("div");
              cell.append(el);
              try {
                const values = JSON.parse(cell.querySelector("script").textContent);
                await {{render}}({ model: { get: key => values?.[key] }, el });
                fallback.remove();
                const note = document.createElement("p");
                note.textContent = cell.dataset.note;
                cell.append(note);
              } catch (error) {
                el.textContent = "This cell could not be drawn: " + error;
              }
            }
            """;
        // Inside a script element only this ends it; in JavaScript it stands in strings, where the escape means the same.
        return script.ReplaceLineEndings("\n").Replace("</script", "<\\/script", StringComparison.OrdinalIgnoreCase);
    }

    // Bundlers write either a declaration or one list of exports at the end.
    static string? RenderName(string source)
    {
        if (DeclarationPattern().IsMatch(source))
            return "render";
        var list = ListPattern().Match(source);
        return list.Success
            ? list.Groups[1].Value.Split(',')
                .Select(item => item.Split(" as ", StringSplitOptions.TrimEntries))
                .FirstOrDefault(item => item[^1] == "render")?[0]
            : null;
    }

    [GeneratedRegex(@"\bexport\s+(?:async\s+)?(?:function\s*|(?:const|let|var)\s+)render\b")]
    private static partial Regex DeclarationPattern();

    [GeneratedRegex(@"\bexport\s*\{([^}]*)\}\s*;?\s*(?://[^\n]*\s*)?$")]
    private static partial Regex ListPattern();

    [GeneratedRegex(@"^\s*import[\s{*""'][^;\n]*(?:from\s*)?[""']", RegexOptions.Multiline)]
    private static partial Regex ImportPattern();
}
