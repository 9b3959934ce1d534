using System.CommandLine;
using Legion.Cli.Testing;

namespace Legion.Cli.Commands;

/// <summary><c>legion test</c>: every test of the repository, counted in the last line.</summary>
static class TestCommand
{
    public static Command Create()
    {
        var filter = new Option<string?>("--filter") { Description = "only tests whose full name contains this", HelpName = "X" };
        var command = new Command("test", "Runs all tests of a clone.") { filter };
        command.SetAction(async (parsed, cancellation) =>
        {
            var clone = Clone.Find("test");
            Environment.SetEnvironmentVariable("PYTHONDONTWRITEBYTECODE", "1"); // nothing that a test runs may change the sources' folders
            await TestPackages.InstallMissingAsync(cancellation);
            var failures = new List<string>();
            var counts = await RunAsync(clone, parsed.GetValue(filter), failures, cancellation);
            if (counts.Total == 0) throw CommandFailure.NotFound($"cannot find a test whose name contains '{parsed.GetValue(filter)}'");
            // Again at the end: what a test said when it failed lies thousands of lines back.
            foreach (var failure in failures) parsed.InvocationConfiguration.Output.WriteLine(failure);
            parsed.InvocationConfiguration.Output.WriteLine(counts);
            return counts.Failed == 0 ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    static async Task<TestCounts> RunAsync(Clone clone, string? filter, List<string> failures, CancellationToken cancellation)
    {
        var reports = clone.EmptyOutputFolder("test-reports");
        var counts = await DotnetTests.RunAsync(clone, reports, filter, failures, cancellation);
        foreach (var (folder, script) in VitestTests.Suites) counts += await VitestTests.RunAsync(clone, reports, folder, script, filter, failures, cancellation);
        return counts;
    }
}
