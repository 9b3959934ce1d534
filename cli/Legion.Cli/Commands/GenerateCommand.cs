using System.CommandLine;
using Legion.Cli.Generate;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Store;

namespace Legion.Cli.Commands;

/// <summary><c>legion generate</c>: deterministic load, through the real encoder and the append path of ingestion.</summary>
static class GenerateCommand
{
    public static Command Create()
    {
        var spans = new Option<long>("--spans") { Description = "spans of each process, exactly", HelpName = "N", Required = true };
        var logs = new Option<long>("--logs") { Description = "log entries of each process, exactly", HelpName = "N", DefaultValueFactory = _ => 0 };
        var threads = new Option<int>("--threads") { Description = "threads of each process", HelpName = "T", DefaultValueFactory = _ => 4 };
        var depth = new Option<int>("--depth") { Description = "most spans open at a time on a thread", HelpName = "D", DefaultValueFactory = _ => 8 };
        var seed = new Option<ulong>("--seed") { Description = "all but ids follows from it", HelpName = "S", DefaultValueFactory = _ => 1 };
        var processes = new Option<int>("--processes") { Description = "how many processes", HelpName = "P", DefaultValueFactory = _ => 1 };
        var start = new Option<string>("--start") { Description = "when they start", HelpName = "T", DefaultValueFactory = _ => "2026-01-01T00:00:00Z" };

        var command = new Command("generate", "Makes deterministic load and prints each process id, a line each.") { spans, logs, threads, depth, seed, processes, start };
        var lakeOptions = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var load = new GeneratedLoad
            {
                Spans = AtLeast(parsed.GetRequiredValue(spans), 0, "--spans"),
                Logs = AtLeast(parsed.GetValue(logs), 0, "--logs"),
                Threads = (int)AtLeast(parsed.GetRequiredValue(threads), 1, "--threads"),
                Depth = (int)AtLeast(parsed.GetRequiredValue(depth), 1, "--depth"),
                Seed = parsed.GetRequiredValue(seed),
                Processes = (int)AtLeast(parsed.GetRequiredValue(processes), 1, "--processes"),
                Start = DateTimeOffset.UnixEpoch.AddTicks(TimeOption.Ns(parsed.GetRequiredValue(start))!.Value / 100),
            };
            var append = new BlockAppend(lakeOptions.OpenOrCreate(parsed), TimeProvider.System);
            var ids = await LoadGenerator.GenerateAsync(load, async batch =>
            {
                var answer = await append.AppendAsync(Tenant.Default, Batch.Read(batch), cancellation);
                if (answer.Blocks.FirstOrDefault(block => block.Code != BlockCode.Stored) is { } refused)
                    throw CommandFailure.Failed($"the lake did not store block {refused.BlockId}: {refused.Code}, {refused.Reason}");
            }, cancellation);
            foreach (var id in ids) parsed.InvocationConfiguration.Output.WriteLine(id);
            return ExitCode.Done;
        });
        return command;
    }

    static long AtLeast(long value, long least, string option) =>
        value >= least ? value : throw CommandFailure.Usage($"cannot use {option} {value}: expected at least {least}");
}
