using System.CommandLine;
using Legion.Lakehouse;
using Legion.Store;

namespace Legion.Cli.Commands;

/// <summary><c>legion erase</c>: takes a process, or all that belongs to a value of a property, out of a lake, and says so in a signed receipt.</summary>
static class EraseCommand
{
    public static Command Create()
    {
        var process = new Option<string?>("--process") { Description = "a process, with all that is its own", HelpName = "P" };
        var where = new Option<string?>("--where")
        {
            Description = "all that has this value of a property: whole processes, and events by their properties, attributes, contexts, arguments and fields",
            HelpName = "\"property = value\"",
        };
        var verify = new Option<string?>("--verify") { Description = "erases nothing: checks that the receipt in a file is this lake's and unchanged; with --process or --where also that it is of that", HelpName = "RECEIPT" };
        var json = new Option<bool>("--json") { Description = "the receipt alone, as it is to be kept" };
        var command = new Command("erase", "Erases a process, or what belongs to a value of a property, and prints a signed receipt.") { process, where, verify, json };
        var tenant = CommandTenant.AddTo(command);
        var lake = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var whose = tenant.Read(parsed);
            var erased = ParseWhat(parsed.GetValue(process), parsed.GetValue(where));
            var store = lake.Open(parsed);
            var erasure = new LakeErasure(store, whose, TimeProvider.System);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(verify) is { } file)
            {
                await VerifyAsync(erasure, store, whose, file, erased, cancellation);
                output.WriteLine("the receipt is this lake's and unchanged");
                return ExitCode.Done;
            }
            if (erased is not { } what) throw CommandFailure.Usage("cannot erase nothing: name a process with --process or a value with --where \"property = value\"");
            var id = what.Process is { } processId ? await erasure.BeginAsync(processId, cancellation) : await erasure.BeginAsync(what.Property, what.Value, cancellation);
            ErasureReceipt? receipt;
            using (var progress = new CountLine("processes searched")) receipt = await erasure.RunAsync(id, progress, cancellation);
            output.WriteLine(receipt is null ? throw CommandFailure.Failed($"erasure {id} is hidden, and another program finishes it") : parsed.GetValue(json) ? receipt.ToJson() : Text(receipt));
            return ExitCode.Done;
        });
        return command;
    }

    readonly record struct What(Guid? Process, string Property, string Value);

    static What? ParseWhat(string? process, string? where)
    {
        if (process is not null && where is not null) throw CommandFailure.Usage("cannot erase both a process and a value at a time: leave out --process or --where");
        if (process is not null) return Guid.TryParse(process, out var id) ? new What(id, "", "") : throw CommandFailure.Usage($"cannot use '{process}' as --process: expected a UUID, as `legion processes` prints");
        if (where is null) return null;
        var equals = where.IndexOf('=');
        var (property, value) = equals < 0 ? ("", "") : (where[..equals].Trim(), where[(equals + 1)..].Trim());
        if (value is ['\'' or '"', .. var inner, var last] && last == value[0]) value = inner;
        return property.Length > 0 && value.Length > 0 ? new What(null, property, value) : throw CommandFailure.Usage($"cannot use '{where}' as --where: expected \"property = value\", such as \"user.id = 42\"");
    }

    static async Task VerifyAsync(LakeErasure erasure, LakeStore store, Tenant tenant, string file, What? what, CancellationToken cancellation)
    {
        if (!File.Exists(file)) throw CommandFailure.NotFound($"cannot verify '{file}': no such file");
        var receipt = ErasureReceipt.FromJson(await File.ReadAllTextAsync(file, cancellation));
        if (!await erasure.VerifyAsync(receipt, cancellation)) throw CommandFailure.Failed($"the receipt in '{file}' is not this lake's, or was changed");
        if (what is not { } named || await store.Catalog.ReadErasureKeysAsync(tenant, cancellation) is not { } keys) return;
        var digest = named.Process is { } id ? keys.DigestOf(id) : keys.DigestOf(named.Property, named.Value);
        if (receipt.Statement.Subject != Convert.ToHexStringLower(digest)) throw CommandFailure.Failed($"the receipt in '{file}' is this lake's, and of something else");
    }

    static string Text(ErasureReceipt receipt)
    {
        var statement = receipt.Statement;
        return string.Join(Environment.NewLine,
        [
            FormattableString.Invariant($"erased {statement.Processes:N0} processes, {statement.Events:N0} events in {statement.Blocks:N0} blocks"),
            .. statement.UnreadableBlocks > 0 ? [FormattableString.Invariant($"{statement.UnreadableBlocks:N0} blocks or requests could not be read and stay")] : (string[])[],
            .. statement.Limits,
            receipt.ToJson(),
        ]);
    }
}
