using System.IO.MemoryMappedFiles;
using System.Reflection.PortableExecutable;
using Microsoft.CodeAnalysis;

namespace Legion.Kernel.Cells;

/// <summary>The assemblies cells compile against: all that the running program may load.</summary>
static class ScriptReferences
{
    static readonly Lazy<IReadOnlyList<MetadataReference>> Loaded = new(Load);

    static readonly Lazy<IReadOnlySet<string>> LoadedNames = new(() =>
        Paths().Select(path => Path.GetFileNameWithoutExtension(path)).ToHashSet(StringComparer.OrdinalIgnoreCase));

    public static IReadOnlyList<MetadataReference> All => Loaded.Value;

    /// <summary>Names of the assemblies.</summary>
    public static IReadOnlySet<string> Names => LoadedNames.Value;

    static IReadOnlyList<MetadataReference> Load() => Paths().AsParallel().AsOrdered().Select(Open).OfType<MetadataReference>().ToList();

    static string[] Paths() => (AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "").Split(Path.PathSeparator);

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
