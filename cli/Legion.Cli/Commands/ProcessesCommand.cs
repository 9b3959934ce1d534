using System.CommandLine;
using Legion.Cli.Query;

namespace Legion.Cli.Commands;

/// <summary><c>legion processes</c>: newest first.</summary>
static class ProcessesCommand
{
    const string Table = """
        SELECT process_id, exe, computer, start_time, (coalesce(end_ns, last_seen_ns) - start_ns) / 1e9 AS seconds, coalesce(end_reason, 'running') AS state, properties
        FROM processes ORDER BY start_ns DESC, process_id
        """;

    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "an array with one object a process" };
        var command = new Command("processes", "Lists processes, newest first.") { json };
        var tenantOption = CommandTenant.AddTo(command);
        var lakeOptions = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var tenant = tenantOption.Read(parsed);
            var asJson = parsed.GetValue(json);
            await using var audited = new AuditedLake(lakeOptions.Open(parsed), tenant, parsed.InvocationConfiguration.Error);
            using var result = await audited.Lake.QueryAsync(asJson ? "SELECT * FROM processes ORDER BY start_ns DESC, process_id" : Table, cancellation: cancellation);
            await ResultWriter.WriteAsync(result, asJson ? "json" : "table", parsed.InvocationConfiguration.Output, Stream.Null, cancellation);
            return ExitCode.Done;
        });
        return command;
    }
}
