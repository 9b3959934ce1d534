using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Legion.Tests.Sdk;

/// <summary>
/// How many instructions the calls on a program's own threads are compiled to. A time says little on a machine that does other things as well;
/// a count does not change unless the code does, or the runtime's compiler.
/// </summary>
public sealed partial class HotPathTests
{
    static readonly string program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Legion.Victim", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "Legion.Victim"));

    /// <summary>With what is not taken: entering a thread, going on in another segment. A tenth above what the compiler of .NET 10.0 makes.</summary>
    [Fact]
    public async Task CallsAreCompiledToFewInstructions()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64) Assert.Skip("the counts are those of x64");
        var listing = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo(program, ["hot-path"]);
            start.Environment["DOTNET_JitStdOutFile"] = listing;
            start.Environment["DOTNET_JitDisasm"] = "Span Metric MetricAtLast Log";
            start.Environment["DOTNET_TC_CallCountingDelayMs"] = "0";
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, process.ExitCode);
            var text = await File.ReadAllTextAsync(listing, TestContext.Current.CancellationToken);

            var counts = new[] { "Span", "Metric", "MetricAtLast", "Log" }.ToDictionary(method => method, method => Instructions(text, method));
            TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", counts));
            Assert.InRange(counts["Span"], 20, 75);
            Assert.InRange(counts["Metric"], 10, 48);
            Assert.InRange(counts["MetricAtLast"], 10, 39);
            // Of a log that goes through without being moved, learnt or refused, some seventy run.
            Assert.InRange(counts["Log"], 50, 215);
        }
        finally
        {
            File.Delete(listing);
        }
    }

    static int Instructions(string listing, string method)
    {
        var ofMethod = Listing().Matches(listing).LastOrDefault(match => match.Groups["name"].Value == $"Legion.Victim.HotPath:{method}" && match.Groups["tier"].Value == "Tier1");
        Assert.True(ofMethod is not null, $"the runtime has not compiled '{method}' for its last tier: {listing[..Math.Min(2000, listing.Length)]}");
        return Instruction().Count(ofMethod.Value);
    }

    [GeneratedRegex(@"^; Assembly listing for method (?<name>[\w.:]+)\([^)]*\)[^(]*\((?<tier>[^)]+)\)\n(?:(?!; Assembly listing).*\n)*", RegexOptions.Multiline)]
    private static partial Regex Listing();

    [GeneratedRegex(@"^ {7}\w+", RegexOptions.Multiline)]
    private static partial Regex Instruction();
}
