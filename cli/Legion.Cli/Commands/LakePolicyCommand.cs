using System.CommandLine;
using System.Text.Json;
using Legion.Lakehouse;
using Legion.Store;

namespace Legion.Cli.Commands;

/// <summary><c>legion lake policy</c>: what asks for sums of spans of many processes.</summary>
static class LakePolicyCommand
{
    public static Command Create() => new("policy", "Says of which spans of which processes span_rollups has sums, which services then keep current.") { Add(), List(), Remove() };

    static Command Add()
    {
        var name = new Argument<string>("NAME") { Description = "what it is called" };
        var process = new Option<string>("--process") { Description = "of processes that meet a condition over the columns of `processes` (default: of all), such as \"exe = 'game' AND property(properties, 'build') = '1234'\"", HelpName = "SQL", DefaultValueFactory = _ => "" };
        var spans = new Option<string>("--spans") { Description = "spans that meet a condition over name, target, file and line (default: all), such as \"target LIKE 'Physics.%'\"", HelpName = "SQL", DefaultValueFactory = _ => "" };
        var command = new Command("add", "Asks for sums of spans; a span for which several policies ask counts once.") { name, process, spans };
        var tenantOption = CommandTenant.AddTo(command);
        var lakeOptions = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var tenant = tenantOption.Read(parsed);
            try
            {
                await new Lake(lakeOptions.OpenOrCreate(parsed), tenant).AddPolicyAsync(
                    parsed.GetRequiredValue(name), parsed.GetRequiredValue(process), parsed.GetRequiredValue(spans), "user " + Environment.UserName, cancellation);
            }
            catch (QueryException cause)
            {
                throw CommandFailure.Usage(cause.Message, cause);
            }
            return ExitCode.Done;
        });
        return command;
    }

    static Command List()
    {
        var json = new Option<bool>("--json") { Description = "an array with one object a policy" };
        var command = new Command("list", "Lists what is asked for.") { json };
        var tenantOption = CommandTenant.AddTo(command);
        var lakeOptions = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var tenant = tenantOption.Read(parsed);
            var policies = await lakeOptions.Open(parsed).Catalog.ReadPoliciesAsync(tenant, cancellation);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json))
                output.WriteLine(JsonSerializer.Serialize(policies.Select(policy => new { name = policy.Name, process = policy.ProcessFilter, spans = policy.SpanFilter, created = TimeText.Format(policy.CreatedNs), created_by = policy.CreatedBy })));
            else
                foreach (var policy in policies) output.WriteLine($"{policy.Name}  {Of("spans", policy.SpanFilter)} of {Of("processes", policy.ProcessFilter)}");
            return ExitCode.Done;
        });
        return command;
    }

    static Command Remove()
    {
        var name = new Argument<string>("NAME") { Description = "as `legion lake policy list` shows it" };
        var command = new Command("remove", "Asks no more; what no other policy asks for goes from files when they are built.") { name };
        var tenantOption = CommandTenant.AddTo(command);
        var lakeOptions = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (tenant, named) = (tenantOption.Read(parsed), parsed.GetRequiredValue(name));
            return await lakeOptions.Open(parsed).Catalog.RemovePolicyAsync(tenant, named, cancellation) ? ExitCode.Done
                : throw CommandFailure.NotFound($"there is no policy '{named}': `legion lake policy list` lists those there are");
        });
        return command;
    }

    /// <summary>On one line.</summary>
    static string Of(string what, string filter) => filter.Length == 0 ? $"all {what}" : $"{what} where {filter.ReplaceLineEndings(" ")}";
}
