using System.Diagnostics;

namespace Legion.Cli.Testing;

/// <summary>What the notebook and browser tests need of the system. Installed where that can be done without asking: by root, on Debian and its children.</summary>
static class TestPackages
{
    static readonly string[] Needed = ["chromium", "jupyter-notebook", "jupyter-nbconvert", "python3-ipykernel"];

    public static async Task InstallMissingAsync(CancellationToken cancellation)
    {
        if (!Environment.IsPrivilegedProcess || !File.Exists("/usr/bin/apt-get") || !File.Exists("/usr/bin/dpkg-query")) return;
        var missing = new List<string>();
        foreach (var package in Needed)
            if (!await IsInstalledAsync(package, cancellation)) missing.Add(package);
        if (missing.Count == 0) return;

        Console.Error.WriteLine($"legion: installing {string.Join(", ", missing)}");
        var installed = await ChildProcess.RunAsync("apt-get", ["update", "-qq"], "/", cancellation) == 0
            && await ChildProcess.RunAsync("env", ["DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq", "--no-install-recommends", .. missing], "/", cancellation) == 0;
        if (!installed) Console.Error.WriteLine("legion: some packages could not be installed; tests that need them say so");
    }

    static async Task<bool> IsInstalledAsync(string package, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("/usr/bin/dpkg-query", ["--show", "--showformat=${db:Status-Status}", package])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var status = process.StandardOutput.ReadToEndAsync(cancellation);
        await process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return await status == "installed";
    }
}
