using System.Reflection;
using Legion.Kernel.Display;
using Legion.Kernel.Installation;

namespace Legion.Kernel;

/// <summary>Makes this program known to Jupyter as the kernel "Legion (C#)", and unknown again.</summary>
public sealed record KernelInstallation
{
    /// <summary>The program to copy.</summary>
    public string ProgramFolder { get; init; } = AppContext.BaseDirectory;

    /// <summary>The file in <see cref="ProgramFolder"/> that Jupyter starts with <c>kernel run CONNECTION_FILE</c>.</summary>
    public string Executable { get; init; } =
        $"{Assembly.GetEntryAssembly()?.GetName().Name}{(OperatingSystem.IsWindows() ? ".exe" : "")}";

    /// <summary>Where copies of the program lie, a folder each.</summary>
    public string CopiesFolder { get; init; } =
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "legion", "kernel");

    /// <summary>Jupyter's data folder; the kernelspec goes to <c>kernels/legion</c> in it.</summary>
    public string JupyterFolder { get; init; } = Kernelspec.DefaultFolder();

    /// <summary>The scripts of live cells.</summary>
    public CellModules Modules { get; init; } = CellModules.PlotlyOnly;

    string KernelspecFolder => Path.Combine(JupyterFolder, "kernels", Kernelspec.Name);

    /// <summary>Installs, or replaces what was installed. Kernels that run keep the copy they run from.</summary>
    /// <returns>The kernelspec's folder.</returns>
    /// <exception cref="FileNotFoundException">The program has no such executable.</exception>
    public string Install()
    {
        if (!File.Exists(Path.Combine(ProgramFolder, Executable)))
            throw new FileNotFoundException($"cannot install the kernel: found no '{Executable}' in '{ProgramFolder}'");
        Directory.CreateDirectory(CopiesFolder);
        var copy = ProgramCopy.Make(ProgramFolder, CopiesFolder);
        Kernelspec.Write(KernelspecFolder, Path.GetFullPath(Path.Combine(copy, Executable)), Modules);
        return KernelspecFolder;
    }

    /// <summary>Takes the kernelspec and every copy away.</summary>
    /// <returns>Whether there was anything.</returns>
    public bool Uninstall()
    {
        var found = false;
        foreach (var folder in (string[])[KernelspecFolder, CopiesFolder])
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
                found = true;
            }
        return found;
    }
}
