using System.Text.Json;
using System.Text.Json.Nodes;
using Legion.Kernel.Display;

namespace Legion.Kernel.Installation;

/// <summary>The folder by which Jupyter knows the kernel: how to start it, and the modules of its cells.</summary>
/// <remarks>https://jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs</remarks>
static class Kernelspec
{
    public const string Name = "legion";

    // In kernel.json, so that the kernel knows what lies beside it without knowing where that is.
    const string ModulesVariable = "LEGION_CELL_MODULES";

    /// <summary>Jupyter's data folder of this user.</summary>
    public static string DefaultFolder()
    {
        if (Environment.GetEnvironmentVariable("JUPYTER_DATA_DIR") is { Length: > 0 } named)
            return named;
        if (OperatingSystem.IsMacOS())
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "Library", "Jupyter");
        return OperatingSystem.IsWindows()
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "jupyter")
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "jupyter");
    }

    /// <summary>Writes the whole folder; what was there before is gone, old modules too.</summary>
    public static void Write(string folder, string executable, CellModules modules)
    {
        var parent = Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(folder))!);
        var next = Path.Combine(parent.FullName, $".{Name}-{Guid.NewGuid():N}");
        Directory.CreateDirectory(next);
        foreach (var name in modules.Names)
            File.WriteAllText(Path.Combine(next, modules.FileName(name)), modules.Source(name));
        var spec = new JsonObject
        {
            ["argv"] = new JsonArray(executable, "kernel", "run", "{connection_file}"),
            ["display_name"] = "Legion (C#)",
            ["language"] = "C#",
            ["interrupt_mode"] = "message",
            ["env"] = new JsonObject
            {
                [ModulesVariable] = string.Join(';', modules.Names.Select(name => $"{name}={modules.FileName(name)}")),
                // The compiler, of which most runs a few times only, takes a quarter less time for completion and cells where the runtime does not count first what it does.
                ["DOTNET_TieredPGO"] = "0",
            },
        };
        File.WriteAllText(Path.Combine(next, "kernel.json"), spec.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.Move(next, folder);
    }

    /// <summary>What the kernel that runs here was installed with, by module; empty where it was started otherwise.</summary>
    public static IReadOnlyDictionary<string, string> ModuleFiles() =>
        (Environment.GetEnvironmentVariable(ModulesVariable) ?? "")
            .Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1]);
}
