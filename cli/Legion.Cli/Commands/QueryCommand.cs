using System.CommandLine;
using Legion.Cli.Query;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;

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
        var explain = new Option<bool>("--explain") { Description = "says what would be read, and reads nothing" };

        var command = new Command("query", "Runs SQL over the lake.") { sql, from, to, format, set, explain };
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
                Progress = progress,
            };
            var lake = new Lake(lakeOptions.Open(parsed), tenant);
            var output = parsed.InvocationConfiguration.Output;
            try
            {
                if (parsed.GetValue(explain))
                {
                    foreach (var view in await lake.ExplainAsync(text, options, cancellation))
                        output.WriteLine(view.Processes.Count == 0 ? $"{view.View}: from the catalog" : $"{view.View}: {view.Slots} slots of {view.Processes.Count} processes ({string.Join(", ", view.Processes)})");
                    return ExitCode.Done;
                }
                using var result = await lake.QueryAsync(text, options, cancellation);
                progress.Dispose();
                await using var binary = Console.OpenStandardOutput();
                await ResultWriter.WriteAsync(result, parsed.GetRequiredValue(format), output, binary, cancellation);
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
