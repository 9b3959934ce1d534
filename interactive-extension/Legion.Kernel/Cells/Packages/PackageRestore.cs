using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace Legion.Kernel.Cells.Packages;

/// <summary>
/// Restores packages as a project of the user's would: <c>dotnet restore</c> with the sources, credentials and cache of the
/// NuGet configuration that holds in the notebook's folder. The outcome is kept, so that the next session needs neither NuGet nor an SDK.
/// </summary>
/// <param name="cacheFolder">Where outcomes lie, a file for each set of packages.</param>
sealed class PackageRestore(string cacheFolder)
{
    // "The newest" is looked for again after this.
    static readonly TimeSpan OpenTime = TimeSpan.FromDays(1);

    static readonly string Framework = $"net{Environment.Version.Major}.{Environment.Version.Minor}";

    public static string DefaultCacheFolder { get; } =
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "legion", "packages");

    /// <param name="folder">Where the search for configuration begins.</param>
    /// <param name="starting">Called when the outcome is not there and NuGet begins to work.</param>
    /// <exception cref="PackageException">The packages cannot be had.</exception>
    public async Task<RestoredPackages> RunAsync(IReadOnlyList<PackageRequest> packages, string folder, Action starting, CancellationToken cancel)
    {
        var kept = Path.Combine(cacheFolder, $"{Key(packages, folder)}.json");
        var isFresh = File.Exists(kept) && (!packages.Any(package => package.IsOpen) || File.GetLastWriteTimeUtc(kept) > DateTime.UtcNow - OpenTime);
        if (isFresh && RestoredPackages.Read(kept) is { AreThere: true } known)
            return known;

        starting();
        var work = Directory.CreateDirectory(Path.Combine(cacheFolder, $".restore-{Guid.NewGuid():N}"));
        try
        {
            var project = Path.Combine(work.FullName, "packages.csproj");
            await File.WriteAllTextAsync(project, Project(packages, folder).ToString(), cancel).ConfigureAwait(false);
            var (exitCode, said) = await RestoreAsync(project, work.FullName, cancel).ConfigureAwait(false);
            var assets = Path.Combine(work.FullName, "obj", "project.assets.json");
            if (exitCode != 0)
                throw (File.Exists(assets) ? RestoredPackages.Problem(assets) : null) ?? new PackageException($"`dotnet restore` said: {said}");
            var restored = RestoredPackages.Read(assets);
            // Of a version that is not there NuGet takes the next, with a warning.
            foreach (var package in packages)
                if (!package.IsMetBy(restored.VersionOf(package.Id)))
                    throw new PackageException($"there is no version {package.Version}; the next is {restored.VersionOf(package.Id)}", package.Id);
            // Complete or not there, also for another kernel that asks for the same just now.
            File.Move(assets, kept, overwrite: true);
            return restored;
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    static string Key(IReadOnlyList<PackageRequest> packages, string folder)
    {
        var text = new StringBuilder($"{Framework}\n{RuntimeInformation.RuntimeIdentifier}\n{folder}\n{Environment.GetEnvironmentVariable("NUGET_PACKAGES")}\n");
        text.AppendJoin('\n', packages.Select(package => package.ToString().ToLowerInvariant()).Order(StringComparer.Ordinal));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 12));
    }

    // Nothing of the folders around it, of which the configuration of NuGet is the only thing that counts.
    static XElement Project(IReadOnlyList<PackageRequest> packages, string folder) => new("Project",
        new XElement("PropertyGroup",
            new XElement("ImportDirectoryBuildProps", "false"),
            new XElement("ImportDirectoryBuildTargets", "false"),
            new XElement("ImportDirectoryPackagesProps", "false")),
        new XElement("Import", new XAttribute("Project", "Sdk.props"), new XAttribute("Sdk", "Microsoft.NET.Sdk")),
        new XElement("PropertyGroup",
            new XElement("TargetFramework", Framework),
            new XElement("UseCurrentRuntimeIdentifier", "true"),
            new XElement("SelfContained", "false"),
            new XElement("RestoreRootConfigDirectory", Escaped(folder)),
            // It asks the sources for what is known of every package, each time.
            new XElement("NuGetAudit", "false")),
        new XElement("ItemGroup", packages.Select(package =>
            new XElement("PackageReference", new XAttribute("Include", package.Id), new XAttribute("Version", package.Version ?? "*")))),
        new XElement("Import", new XAttribute("Project", "Sdk.targets"), new XAttribute("Sdk", "Microsoft.NET.Sdk")));

    static string Escaped(string path) => string.Concat(path.Select(c => c is '%' or '$' or '@' or ';' or '(' or ')' or '*' or '?' ? $"%{(int)c:X2}" : c.ToString()));

    static async Task<(int ExitCode, string Said)> RestoreAsync(string project, string folder, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(Dotnet(), ["restore", project, "--nologo", "--verbosity", "quiet"])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        // Nothing that would live on, with our pipes, after the command.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new PackageException($"this needs the .NET SDK, whose 'dotnet' cannot be started: {e.Message}", cause: e);
        }
        using (process)
        {
            process.StandardInput.Close();
            try
            {
                var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel)).ConfigureAwait(false);
                await process.WaitForExitAsync(cancel).ConfigureAwait(false);
                return (process.ExitCode, string.Concat(said).Trim());
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
                throw;
            }
        }
    }

    // That of the runtime we run on, before another that the path may name.
    static string Dotnet()
    {
        var beside = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        return File.Exists(beside) ? Path.GetFullPath(beside) : "dotnet";
    }
}
