using System.Security.Cryptography;
using System.Text;

namespace Legion.Kernel.Display;

/// <summary>
/// The scripts that draw live cells: ES modules that export <c>render({model, el})</c> and import nothing;
/// <c>model.get(key)</c> reads the cell's model.
/// The module "plotly" is always among them; its model is a Plotly figure.
/// </summary>
public sealed class CellModules
{
    readonly SortedDictionary<string, string> _sources = new(StringComparer.Ordinal);

    CellModules() => _sources["plotly"] = PlotlyModule.Source.Value;

    public static CellModules PlotlyOnly { get; } = new();

    /// <summary>These and one more.</summary>
    public CellModules With(string name, string source)
    {
        var modules = new CellModules();
        foreach (var (known, text) in _sources)
            modules._sources[known] = text;
        modules._sources[name] = source;
        return modules;
    }

    /// <summary>Those of a folder: <c>flame.js</c> is the module "flame".</summary>
    /// <exception cref="DirectoryNotFoundException" />
    public static CellModules FromFolder(string folder)
    {
        var modules = new CellModules();
        foreach (var file in Directory.EnumerateFiles(folder, "*.js"))
            modules._sources[Path.GetFileNameWithoutExtension(file)] = File.ReadAllText(file);
        return modules;
    }

    public IEnumerable<string> Names => _sources.Keys;

    internal string? Source(string name) => _sources.GetValueOrDefault(name);

    /// <summary>The name of the module's file, in which its content's hash stands: browsers may keep it forever.</summary>
    internal string FileName(string name)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(_sources[name]));
        return $"{name}-{Convert.ToHexStringLower(hash.AsSpan(0, 8))}.js";
    }
}
