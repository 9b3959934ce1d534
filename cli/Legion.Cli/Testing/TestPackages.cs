using System.Diagnostics;

namespace Legion.Cli.Testing;

/// <summary>What tests need of the system: a browser, notebooks, servers for catalog and objects. Installed where that can be done without asking: by root, on Debian and its children.</summary>
static class TestPackages
{
    /// <summary>Each set by itself, as what one lacks must not keep the others from being installed.</summary>
    static readonly string[][] Needed = [["chromium", "jupyter-notebook", "jupyter-nbconvert", "jupyter-console", "python3-ipykernel"], ["mariadb-server"], ["radosgw", "ceph-mon", "ceph-osd"]];

    public static async Task InstallMissingAsync(CancellationToken cancellation)
    {
        if (!Environment.IsPrivilegedProcess || !File.Exists("/usr/bin/apt-get") || !File.Exists("/usr/bin/dpkg-query")) return;
        var isFirst = true;
        foreach (var packages in Needed)
        {
            var missing = new List<string>();
            foreach (var package in packages)
                if (!await IsInstalledAsync(package, cancellation)) missing.Add(package);
            if (missing.Count == 0) continue;

            Console.Error.WriteLine($"legion: installing {string.Join(", ", missing)}");
            if (isFirst) await ChildProcess.RunAsync("apt-get", ["update", "-qq"], "/", cancellation);
            isFirst = false;
            var code = await ChildProcess.RunAsync("env", ["DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq", "--no-install-recommends", .. missing], "/", cancellation);
            if (code != 0) Console.Error.WriteLine($"legion: {string.Join(", ", missing)} could not be installed; tests that need them say so");
        }
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
