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
        command.SetAction(parsed =>
        {
            var folder = new KernelInstallation { Modules = Notebooks.Modules() }.Install();
            parsed.InvocationConfiguration.Output.WriteLine($"installed the kernel \"Legion (C#)\" in {folder}");
            return ExitCode.Done;
        });
        return command;
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
