using System.CommandLine;
using System.Text.Json;
using Legion.Lakehouse;

namespace Legion.Cli.Commands;

/// <summary><c>legion lake verify</c>: reads everything again and lists what is damaged.</summary>
static class LakeVerifyCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "one JSON object" };
        var command = new Command("verify", "Reads everything again, lists what is damaged, and fails where something is.") { json };
        var lake = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var listed = new List<object>();
            VerifiedTotals totals;
            using (var progress = new CountLine("blocks read"))
            {
                totals = await new LakeVerification(lake.Open(parsed), TimeProvider.System).RunAsync(damage =>
                {
                    if (parsed.GetValue(json)) listed.Add(new { kind = damage.KindName, tenant = damage.Tenant.Name, subject = damage.Subject, @object = damage.ObjectKey, detail = damage.Detail });
                    else output.WriteLine($"{damage.KindName} {damage.Subject} in {damage.ObjectKey}: {damage.Detail}");
                }, progress, cancellation);
            }
            output.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new { blocks = totals.Blocks, bytes = totals.Bytes, partitions = totals.Partitions, unnamed_objects = totals.UnnamedObjects, damages = listed })
                : FormattableString.Invariant($"read {totals.Blocks:N0} blocks ({totals.Bytes:N0} bytes) and {totals.Partitions:N0} partitions: {totals.Damages:N0} damaged; {totals.UnnamedObjects:N0} objects hold no block that counts"));
            return totals.Damages == 0 ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }
}
