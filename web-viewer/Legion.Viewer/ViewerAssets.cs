using System.Collections.Frozen;
using System.Reflection;

namespace Legion.Viewer;

/// <summary>The built browser code, inside this assembly: <c>index.html</c>, <c>assets/...</c> with hashes in their names, and <c>cells/...</c>, each one module without imports.</summary>
public static class ViewerAssets
{
    const string Prefix = "app/";

    static readonly FrozenDictionary<string, byte[]> Files = ReadAll().ToFrozenDictionary(StringComparer.Ordinal);

    public static IEnumerable<string> Names => Files.Keys;

    /// <param name="name">Relative, with '/': <c>cells/flame.js</c>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static ReadOnlyMemory<byte> Read(string name) => Files.TryGetValue(name, out var bytes) ? bytes
        : throw new FileNotFoundException($"the viewer has no file '{name}'", name);

    public static bool TryRead(string name, out ReadOnlyMemory<byte> bytes)
    {
        var found = Files.TryGetValue(name, out var array);
        bytes = array;
        return found;
    }

    static IEnumerable<KeyValuePair<string, byte[]>> ReadAll()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            yield return new(resource[Prefix.Length..], bytes);
        }
    }
}
