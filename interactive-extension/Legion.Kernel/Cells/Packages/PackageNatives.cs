using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Legion.Kernel.Cells.Packages;

/// <summary>
/// Finds the native libraries of packages. What a script loads has load contexts of its own, each of which asks its own listeners
/// alone for a library that it does not find; the default context never hears of it.
/// </summary>
static class PackageNatives
{
    static readonly ConcurrentDictionary<string, string> Paths = new(OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
    static readonly ConditionalWeakTable<AssemblyLoadContext, object> Heard = [];
    static int s_listens;

    /// <param name="files">Full paths; of two with one name, the first that came stays.</param>
    public static void Add(IReadOnlyList<string> files)
    {
        foreach (var file in files)
            Paths.TryAdd(Path.GetFileName(file), file);
        if (files.Count == 0 || Interlocked.Exchange(ref s_listens, 1) == 1)
            return;
        AppDomain.CurrentDomain.AssemblyLoad += static (_, loaded) =>
        {
            if (AssemblyLoadContext.GetLoadContext(loaded.LoadedAssembly) is { } context)
                Hear(context);
        };
        foreach (var context in AssemblyLoadContext.All)
            Hear(context);
    }

    static void Hear(AssemblyLoadContext context)
    {
        if (context != AssemblyLoadContext.Default && Heard.TryAdd(context, Paths))
            context.ResolvingUnmanagedDll += Resolve;
    }

    // A name stands in code with or without what a platform puts around it.
    static nint Resolve(Assembly assembly, string name)
    {
        var ending = OperatingSystem.IsWindows() ? ".dll" : OperatingSystem.IsMacOS() ? ".dylib" : ".so";
        foreach (var candidate in (string[])[name, $"{name}{ending}", $"lib{name}{ending}", $"lib{name}"])
            if (Paths.TryGetValue(candidate, out var path))
                return NativeLibrary.Load(path);
        return 0;
    }
}
