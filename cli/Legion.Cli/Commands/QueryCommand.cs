using System.CommandLine;
using Legion.Cli.Query;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;

namespace Legion.Cli.Commands;

/// <summary><c>legion query SQL</c>: one SELECT over the lake's views.</summary>
static class QueryCommand
{
    public static Command Create()
    {
        var sql = new Argument<string>("SQL") { Description = "one SELECT" };
        var from = new Option<string?>("--from") { Description = "rows from this time on (RFC 3339, or now-15m)", HelpName = "T" };
        var to = new Option<string?>("--to") { Description = "rows before this time", HelpName = "T" };
        var format = new Option<string>("--format") { Description = "how to print the rows", DefaultValueFactory = _ => "table" };
        format.AcceptOnlyFromAmong(ResultWriter.Formats);
        var set = new Option<string[]>("--set") { Description = "binds $name in the SQL", HelpName = "name=value", DefaultValueFactory = _ => [] };
        var explain = new Option<bool>("--explain") { Description = "says what would be built and read, and does neither; as JSON with --format json" };
        var save = new Option<string?>("--save") { Description = "saves the query under this name once it has run: others read it as FROM NAME", HelpName = "NAME" };
        var snapshot = new Option<string?>("--snapshot") { Description = "reads exactly what an earlier query read, by the snapshot of its receipt", HelpName = "TEXT" };
        var memory = new Option<long?>("--memory-limit") { Description = "most bytes of memory that the engine takes; by default half of the machine's", HelpName = "BYTES" };
        var receipt = new Option<bool>("--receipt") { Description = "says on stderr what the answer cost and rests on, as one line of JSON" };

        var command = new Command("query", "Runs SQL over the lake.") { sql, from, to, format, set, explain, save, snapshot, receipt, memory };
        var tenantOption = CommandTenant.AddTo(command);
        var lakeOptions = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var tenant = tenantOption.Read(parsed);
            using var progress = new ProgressLine();
            var text = parsed.GetRequiredValue(sql);
            var options = new QueryOptions
            {
                Parameters = ParameterText.Parse(parsed.GetRequiredValue(set)),
                Range = new QueryRange(TimeOption.Ns(parsed.GetValue(from)), TimeOption.Ns(parsed.GetValue(to))),
                Snapshot = parsed.GetValue(snapshot),
                Progress = progress,
            };
            if (parsed.GetValue(memory) is { } bytes) options = options with { MemoryLimitBytes = bytes };
            await using var audited = new AuditedLake(lakeOptions.Open(parsed), tenant, parsed.InvocationConfiguration.Error);
            var lake = audited.Lake;
            var output = parsed.InvocationConfiguration.Output;
            try
            {
                if (parsed.GetValue(explain))
                {
                    var plan = await lake.ExplainAsync(text, options, cancellation);
                    if (parsed.GetRequiredValue(format) == "json") PlanText.WriteJson(plan, output);
                    else PlanText.WriteLines(plan, output);
                    return ExitCode.Done;
                }
                using var result = await lake.QueryAsync(text, options, cancellation);
                progress.Dispose();
                await using var binary = Console.OpenStandardOutput();
                await ResultWriter.WriteAsync(result, parsed.GetRequiredValue(format), output, binary, cancellation);
                foreach (var gone in result.Receipt.Gone) parsed.InvocationConfiguration.Error.WriteLine($"gone since the snapshot: {gone}");
                if (parsed.GetValue(receipt)) parsed.InvocationConfiguration.Error.WriteLine(ReceiptText.Json(result.Receipt));
                if (parsed.GetValue(save) is { } name) await lake.SaveQueryAsync(name, text, "user " + Environment.UserName, cancellation);
                return ExitCode.Done;
            }
            catch (QueryException cause)
            {
                throw CommandFailure.Failed(Sentence(cause, text), cause);
            }
            catch (NotInLakeException cause)
            {
                throw CommandFailure.NotFound(cause.Message, cause);
            }
        });
        return command;
    }

    /// <summary>The error, and where in the SQL it is.</summary>
    static string Sentence(QueryException error, string sql)
    {
        var message = error.Message.ReplaceLineEndings(" ").TrimEnd('.');
        if (error.Position is not { } at || at > sql.Length) return message;
        var line = sql.AsSpan(0, at).Count('\n') + 1;
        var column = at - sql.AsSpan(0, at).LastIndexOf('\n');
        return line == 1 && !sql.Contains('\n') ? $"{message} (at column {column})" : $"{message} (at line {line}, column {column})";
    }
}
