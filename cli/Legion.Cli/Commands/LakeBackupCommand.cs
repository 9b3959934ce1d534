using System.CommandLine;
using Legion.Lakehouse;
using Legion.Store;

namespace Legion.Cli.Commands;

/// <summary><c>legion lake backup DIR</c> and <c>legion lake restore DIR</c>.</summary>
static class LakeBackupCommand
{
    public static Command CreateBackup()
    {
        var folder = new Argument<string>("DIR") { Description = "the backup's folder; what it has already is not copied again" };
        var command = new Command("backup", "Copies the lake into a folder: its objects, and its catalog for any kind of database.") { folder };
        var lake = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var store = lake.Open(parsed);
            using var progress = new CountLine("objects copied");
            var totals = await new LakeBackup(Path.GetFullPath(parsed.GetRequiredValue(folder))).WriteAsync(store, progress, cancellation);
            progress.Dispose();
            parsed.InvocationConfiguration.Output.WriteLine(FormattableString.Invariant($"copied {totals.Copied:N0} objects ({totals.CopiedBytes:N0} bytes), {totals.Kept:N0} were there, dropped {totals.Dropped:N0} that the lake no longer has"));
            return ExitCode.Done;
        });
        return command;
    }

    public static Command CreateRestore()
    {
        var folder = new Argument<string>("DIR") { Description = "a folder that `legion lake backup` filled" };
        var command = new Command("restore", "Fills an empty lake from a backup, whatever kind of lake it was made of, and erases again what was erased since.") { folder };
        var lake = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var from = Path.GetFullPath(parsed.GetRequiredValue(folder));
            if (!Directory.Exists(from)) throw CommandFailure.NotFound($"cannot restore from '{from}': there is no such folder");
            var store = lake.OpenOrCreate(parsed);
            using var progress = new CountLine("objects copied");
            var totals = await new LakeBackup(from).RestoreAsync(store, progress, cancellation);
            progress.Dispose();
            var output = parsed.InvocationConfiguration.Output;
            output.WriteLine(FormattableString.Invariant($"restored {totals.Copied:N0} objects ({totals.CopiedBytes:N0} bytes) into {store.Location}"));
            // The ledger may be younger than the catalog: of a later backup, or of the object store itself.
            var replayed = await LakeErasure.ReplayAllAsync(store, TimeProvider.System, cancellation);
            foreach (var tenant in await store.Catalog.FindErasingTenantsAsync(cancellation)) await new LakeErasure(store, tenant, TimeProvider.System).RunAllAsync(cancellation);
            output.WriteLine(FormattableString.Invariant($"erased again what {replayed:N0} later erasures had taken"));
            return ExitCode.Done;
        });
        return command;
    }
}
