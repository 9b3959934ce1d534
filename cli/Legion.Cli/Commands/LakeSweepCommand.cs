using System.CommandLine;
using System.Text.Json;
using Legion.Lakehouse;
using Legion.Store;

namespace Legion.Cli.Commands;

/// <summary><c>legion lake sweep</c>: deletes what nobody will ever read. Services do it by themselves.</summary>
static class LakeSweepCommand
{
    public static Command Create()
    {
        var olderThan = new Option<string>("--older-than")
        {
            Description = "leaves what is younger: uploads and queries under way may need it",
            HelpName = "6h",
            DefaultValueFactory = _ => $"{new SweepOptions().Grace.TotalHours}h",
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "says what would go, and deletes nothing" };
        var json = new Option<bool>("--json") { Description = "one JSON object" };
        var command = new Command("sweep", "Deletes objects without a block that counts, requests that nobody named, files that no partition names, and what killed programs left; retires partitions of view versions that were replaced.") { olderThan, dryRun, json };
        var lake = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = new SweepOptions { Grace = ParseGrace(parsed.GetRequiredValue(olderThan)), DryRun = parsed.GetValue(dryRun) };
            var store = lake.Open(parsed);
            var retired = await new PartitionRetirement(store, TimeProvider.System).RunAsync(options.DryRun, cancellation);
            SweepTotals totals;
            using (var progress = new CountLine("objects looked at")) totals = await new LakeSweep(store, TimeProvider.System).RunAsync(options, progress, cancellation);
            parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(json) ? Json(totals, retired, options.DryRun) : Sentence(totals, retired, options.DryRun));
            return ExitCode.Done;
        });
        return command;
    }

    static string Json(SweepTotals totals, RetirementTotals retired, bool dryRun) => JsonSerializer.Serialize(new
    {
        dry_run = dryRun,
        seen = totals.Seen,
        objects = totals.Objects,
        object_bytes = totals.ObjectBytes,
        view_files = totals.ViewFiles,
        view_bytes = totals.ViewBytes,
        temporary_files = totals.TemporaryFiles,
        unknown = totals.Unknown,
        retired_partitions = retired.Partitions,
        retired_bytes = retired.Bytes,
        retired_manifests = retired.Manifests,
    });

    static string Sentence(SweepTotals totals, RetirementTotals retired, bool dryRun) =>
        FormattableString.Invariant($"{(dryRun ? "would delete" : "deleted")} {totals.Objects:N0} objects ({totals.ObjectBytes:N0} bytes), {totals.ViewFiles:N0} files of views ({totals.ViewBytes:N0} bytes) and {totals.TemporaryFiles:N0} temporary files; looked at {totals.Seen:N0}")
        + (totals.Unknown > 0 ? FormattableString.Invariant($", of which {totals.Unknown:N0} are not Legion's and stay") : "")
        + (retired.Partitions + retired.Manifests > 0 ? FormattableString.Invariant($"; {(dryRun ? "would retire" : "retired")} {retired.Partitions:N0} partitions of replaced views ({retired.Bytes:N0} bytes) and {retired.Manifests:N0} manifests") : "");

    static TimeSpan ParseGrace(string text) => TimeText.TryParseDurationNs(text, out var ns) && ns >= 0
        ? TimeSpan.FromTicks(ns / TimeSpan.NanosecondsPerTick)
        : throw CommandFailure.Usage($"cannot use '{text}' as --older-than: expected a time such as 30m or 6h");
}
