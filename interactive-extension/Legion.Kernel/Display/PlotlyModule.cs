namespace Legion.Kernel.Display;

/// <summary>Plotly's bundle as a cell module.</summary>
static class PlotlyModule
{
    // The bundle asks for CommonJS first. Offering it that keeps it away from the loader of the
    // classic Notebook, which takes an anonymous definition for an error.
    const string Before = "const module = {exports: {}}, exports = module.exports;\n";

    const string After = """

        const Plotly = module.exports;
        export function render({model, el}) {
          return Plotly.newPlot(el, model.get("data") ?? [], model.get("layout") ?? {}, {responsive: true, displaylogo: false, ...model.get("config")});
        }

        """;

    public static Lazy<string> Source { get; } = new(() => Before + Read("plotly.js") + After);

    internal static string Read(string resource)
    {
        using var stream = typeof(PlotlyModule).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"found no resource '{resource}' in the program");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
