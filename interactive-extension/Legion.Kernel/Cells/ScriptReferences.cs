using System.IO.MemoryMappedFiles;
using System.Reflection.PortableExecutable;
using Microsoft.CodeAnalysis;

namespace Legion.Kernel.Cells;

/// <summary>
/// The assemblies cells compile against from the start: the runtime's, and those whose types the notebook's results are made of.
/// What else the program consists of is a reference when a cell asks for it by <c>#r</c>: the compiler looks through
/// each one with every cell, and twice as many took half as long again.
/// </summary>
static class ScriptReferences
{
    static readonly string[] OfNotebooks =
    [
        "Apache.Arrow", "DynamicObj", "FSharp.Core", "Giraffe.ViewEngine", "Legion.Format", "Legion.Kernel", "Legion.Lakehouse", "Legion.Notebook", "Legion.Sdk", "Legion.Store",
        "Microsoft.Data.Analysis", "Microsoft.DotNet.Interactive.Formatting", "Microsoft.ML.DataView", "Newtonsoft.Json", "Plotly.NET",
    ];

    // Enough for the compiler to begin.
    static readonly string[] OfBeginning = ["System.Private.CoreLib", "System.Runtime", "System.Collections", "System.Linq", "Legion.Kernel"];

    static readonly string RuntimeFolder = Path.GetDirectoryName(typeof(object).Assembly.Location)!;

    // All that the program may load, by name. The runtime lists its innermost assembly twice.
    static readonly Lazy<IReadOnlyDictionary<string, string>> Paths = new(() =>
        (AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .DistinctBy(path => Path.GetFileNameWithoutExtension(path), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(path => Path.GetFileNameWithoutExtension(path), StringComparer.OrdinalIgnoreCase));

    static readonly Lazy<IReadOnlyList<MetadataReference>> Loaded = new(Load);

    public static IReadOnlyList<MetadataReference> All => Loaded.Value;

    /// <summary>Whether it is one of the program's own, which is used whatever other there is of this name.</summary>
    public static bool IsOwn(string name) => Paths.Value.ContainsKey(name);

    /// <summary>Whether cells compile against it from the start.</summary>
    public static bool IsKnown(string name) => Paths.Value.TryGetValue(name, out var path) && IsKnown(name, path);

    /// <summary>One of the program's own.</summary>
    /// <returns>Null where it is native.</returns>
    public static MetadataReference? Of(string name) => Open(Paths.Value[name]);

    /// <summary>A few, which no other compilation shares.</summary>
    public static IReadOnlyList<MetadataReference> Few() => OfBeginning.Where(IsOwn).Select(Of).OfType<MetadataReference>().ToList();

    static bool IsKnown(string name, string path) => Path.GetDirectoryName(path) == RuntimeFolder || OfNotebooks.Contains(name, StringComparer.OrdinalIgnoreCase);

    static IReadOnlyList<MetadataReference> Load() =>
        Paths.Value.Where(assembly => IsKnown(assembly.Key, assembly.Value)).AsParallel().AsOrdered().Select(assembly => Open(assembly.Value)).OfType<MetadataReference>().ToList();

    // Mapped, not read: of some hundred assemblies the compiler looks at a small part of each.
    // The maps live as long as the process, as the metadata that points into them does.
    static unsafe MetadataReference? Open(string path)
    {
        var length = new FileInfo(path).Length;
        var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        var view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        using var image = new PEReader(start, (int)length);
        if (!image.HasMetadata)
            return null;
        var metadata = image.GetMetadata();
        var module = ModuleMetadata.CreateFromMetadata((nint)metadata.Pointer, metadata.Length);
        return AssemblyMetadata.Create(module).GetReference(XmlDocumentation.Of(path), filePath: path);
    }
}
