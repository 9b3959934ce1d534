using System.CommandLine;
using Legion.Kernel;

namespace Legion.Cli.Commands;

/// <summary><c>legion kernel install/uninstall/run</c>: the kernel for Jupyter.</summary>
static class KernelCommand
{
    public static Command Create() => new("kernel", "The Jupyter kernel \"Legion (C#)\".") { Install(), Uninstall(), Run() };

    static Command Install()
    {
        var command = new Command("install", "Copies this program and registers it with Jupyter.");
        command.SetAction(async (parsed, cancellation) =>
        {
            var installation = new KernelInstallation { Modules = Notebooks.Modules() };
            if (Clone.Around is { } clone && await PublishAsync(clone, cancellation) is { } published)
                installation = installation with { ProgramFolder = published };
            var folder = installation.Install();
            parsed.InvocationConfiguration.Output.WriteLine($"installed the kernel \"Legion (C#)\" in {folder}");
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>
    /// Compiles what was built in a clone to machine code, as a program that was installed is: without, the first cell and the
    /// first completion take twice as long.
    /// </summary>
    /// <returns>The folder of the program; null where that did not go, as without a way to the compiler's package: the kernel is slower then, and no other.</returns>
    static async Task<string?> PublishAsync(Clone clone, CancellationToken cancellation)
    {
        Console.Error.WriteLine("legion: compiling the kernel to machine code (about a minute)");
        var folder = clone.EmptyOutputFolder("kernel");
        string[] arguments =
        [
            "publish", Path.Combine(clone.Folder, "cli", "Legion.Cli", "Legion.Cli.csproj"), "--configuration", "Release",
            "-p:PublishReadyToRun=true", "--output", folder, "--nologo", "--verbosity", "quiet",
        ];
        if (await ChildProcess.RunAsync("dotnet", arguments, clone.Folder, cancellation) == 0) return folder;
        Console.Error.WriteLine("legion: that did not go, for what `dotnet publish` said above: the kernel is installed as it was built, and its first cell takes twice as long");
        return null;
    }

    static Command Uninstall()
    {
        var command = new Command("uninstall", "Takes the kernel away again.");
        command.SetAction(parsed =>
        {
            if (!new KernelInstallation().Uninstall()) throw CommandFailure.NotFound("the kernel is not installed; `legion kernel install` installs it");
            parsed.InvocationConfiguration.Output.WriteLine("the kernel is uninstalled");
            return ExitCode.Done;
        });
        return command;
    }

    static Command Run()
    {
        var file = new Argument<string>("CONNECTION_FILE") { Description = "written by Jupyter" };
        var command = new Command("run", "Runs the kernel; Jupyter calls this.") { file };
        command.SetAction(async (parsed, cancellation) =>
        {
            var path = parsed.GetRequiredValue(file);
            if (!File.Exists(path)) throw CommandFailure.NotFound($"cannot read connection file '{path}': no such file; Jupyter writes it and starts this command");
            await KernelProcess.RunAsync(path, Notebooks.Magics(), cancellation);
            return ExitCode.Done;
        });
        return command;
    }
}
