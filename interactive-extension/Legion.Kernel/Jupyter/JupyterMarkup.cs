using System.Text.Json;
using Legion.Kernel.Display;
using Legion.Notebook;

namespace Legion.Kernel.Jupyter;

/// <summary>
/// What Jupyter's front ends get for a live cell: HTML with the fallback, and a few lines that import the
/// module from the kernelspec's folder. Where the import fails, or no script may run, the fallback stays.
/// </summary>
/// <param name="moduleFiles">File names in the kernelspec's folder by module.</param>
/// <param name="show">Told the id of each cell that may ask, and whom.</param>
sealed class JupyterMarkup(IReadOnlyDictionary<string, string> moduleFiles, Action<string, ILiveResult> show)
{
    public MimeBundle Apply(MimeBundle bundle)
    {
        var shown = bundle.Live is { } asked ? bundle.With(MimeBundle.Cell, asked.AskingCell()) : bundle;
        if (LiveCell.From(shown) is not { } cell)
            return bundle;
        var id = $"legion-{Guid.NewGuid():N}";
        var html = $"<div id=\"{id}\"><div>{cell.Fallback}</div></div>";
        if (moduleFiles.TryGetValue(cell.Module, out var file))
        {
            html += Script(id, file, cell);
            if (bundle.Live is { } live)
                show(id, live);
        }
        // The model stands in the script: once is enough for a notebook's file.
        return bundle.With(MimeBundle.Html, html).Without(MimeBundle.Cell);
    }

    // The classic Notebook names its base address on the body, JupyterLab in a block of settings.
    static string Script(string id, string file, LiveCell cell) => $$"""
        <script>
        (async () => {
          const place = document.getElementById({{Quote(id)}});
          const settings = document.getElementById("jupyter-config-data");
          const base = document.body.dataset.baseUrl ?? (settings ? JSON.parse(settings.textContent).baseUrl : "/");
          const { render } = await import(new URL(base + "kernelspecs/legion/" + {{Quote(file)}}, location.href).href);
          const el = document.createElement("div");
          place.append(el);
          const values = {{cell.Model}};
          await render({ model: { get: key => key === "cell" ? place.id : values?.[key] }, el });
          place.firstElementChild.remove();
          const note = document.createElement("p");
          note.textContent = {{Quote(cell.Note ?? "")}};
          place.append(note);
        })().catch(error => console.warn("legion: the live cell stays as it was saved:", error));
        </script>
        """;

    static string Quote(string text) => JsonSerializer.Serialize(text);
}
