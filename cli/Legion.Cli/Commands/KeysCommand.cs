using System.CommandLine;
using System.Text.Json;
using Legion.Lakehouse;
using Legion.Store;

namespace Legion.Cli.Commands;

/// <summary><c>legion keys ...</c>: who may use the service. Whoever can open the catalog may change them: this goes to the lake, not through the service.</summary>
static class KeysCommand
{
    public static Command Create() => new("keys", "Makes, lists and revokes the keys of the service.") { New(), List(), Revoke() };

    static string Actor => "user " + Environment.UserName;

    static long NowNs => (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    static Command New()
    {
        var role = new Option<string>("--role") { Description = "ingest appends, read looks, admin does both and sends commands", Required = true };
        role.AcceptOnlyFromAmong(RoleNames);
        var name = new Option<string>("--name") { Description = "what it is for", HelpName = "N", DefaultValueFactory = _ => "" };
        var expires = new Option<string?>("--expires") { Description = "how long it is good for (default: until it is revoked)", HelpName = "90d" };
        var command = new Command("create", "Makes a key and prints it, this once: the catalog keeps a hash of it.") { role, name, expires };
        var tenant = CommandTenant.AddTo(command, "whose data it opens");
        var lake = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (key, now) = (ApiKey.Create(), NowNs);
            var row = new KeyRow
            {
                KeyId = key.Id,
                Tenant = tenant.Read(parsed),
                Role = Enum.GetValues<KeyRole>().Single(one => one.Name() == parsed.GetRequiredValue(role)),
                Hash = key.Hash(),
                Name = parsed.GetRequiredValue(name),
                CreatedNs = now,
                ExpiresNs = parsed.GetValue(expires) is { } time ? now + ParseTime(time) : null,
            };
            await lake.OpenOrCreate(parsed).Catalog.AddKeyAsync(row, Actor, cancellation);
            parsed.InvocationConfiguration.Output.WriteLine(key.Reveal());
            return ExitCode.Done;
        });
        return command;
    }

    static Command List()
    {
        var audit = new Option<bool>("--audit") { Description = "who changed what, instead" };
        var json = new Option<bool>("--json") { Description = "an array with one object a row" };
        var command = new Command("list", "Lists the keys of all tenants, without their secrets.") { audit, json };
        var lake = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var catalog = lake.Open(parsed).Catalog;
            var now = NowNs;
            List<(string Name, string? Value)[]> rows = parsed.GetValue(audit)
                ? [.. (await catalog.ReadAuditAsync(null, cancellation)).Select(Columns)]
                : [.. (await catalog.ReadKeysAsync(null, cancellation)).Select(key => Columns(key, now))];
            Print(parsed.InvocationConfiguration.Output, rows, parsed.GetValue(json));
            return ExitCode.Done;
        });
        return command;
    }

    static Command Revoke()
    {
        var id = new Argument<string>("ID") { Description = "the key's id, as `legion keys list` shows it" };
        var command = new Command("revoke", "Makes a key useless for good; services that run refuse it within a minute.") { id };
        var lake = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var named = parsed.GetRequiredValue(id);
            return await lake.Open(parsed).Catalog.RevokeKeyAsync(named, NowNs, Actor, cancellation) ? ExitCode.Done
                // Somebody may have given the whole key, which must not be repeated.
                : throw CommandFailure.NotFound("there is no key of this id; see `legion keys list`");
        });
        return command;
    }

    static string[] RoleNames => [.. Enum.GetValues<KeyRole>().Select(role => role.Name())];

    static long ParseTime(string text) => TimeText.TryParseDurationNs(text, out var ns) && ns > 0 && ns <= 100L * 365 * 24 * 3600 * 1_000_000_000
        ? ns
        : throw CommandFailure.Usage($"cannot use '{text}' as --expires: expected a time such as 12h or 90d, at most 100 years");

    static (string, string?)[] Columns(KeyRow key, long nowNs) =>
    [
        ("key_id", key.KeyId),
        ("tenant", key.Tenant.Name),
        ("role", key.Role.Name()),
        ("state", key.RevokedNs is not null ? "revoked" : key.IsUsable(nowNs) ? "good" : "expired"),
        ("created", TimeText.Format(key.CreatedNs)),
        ("expires", key.ExpiresNs is { } expires ? TimeText.Format(expires) : null),
        ("revoked", key.RevokedNs is { } revoked ? TimeText.Format(revoked) : null),
        ("name", key.Name),
    ];

    static (string, string?)[] Columns(AuditRow row) =>
    [
        ("at", TimeText.Format(row.AtNs)), ("tenant", row.Tenant.Name), ("actor", row.Actor), ("action", row.Action), ("subject", row.Subject), ("detail", row.Detail),
    ];

    static void Print(TextWriter output, List<(string Name, string? Value)[]> rows, bool asJson)
    {
        if (asJson)
        {
            output.WriteLine(JsonSerializer.Serialize(rows.Select(row => row.ToDictionary(cell => cell.Name, cell => cell.Value))));
            return;
        }
        if (rows.Count == 0) return;
        var widths = rows[0].Select((cell, i) => rows.Max(row => Math.Max(cell.Name.Length, row[i].Value?.Length ?? 0))).ToArray();
        string Line(IEnumerable<string?> cells) => string.Join("  ", cells.Select((cell, i) => (cell ?? "").PadRight(widths[i]))).TrimEnd();
        output.WriteLine(Line(rows[0].Select(cell => cell.Name)));
        foreach (var row in rows) output.WriteLine(Line(row.Select(cell => cell.Value)));
    }
}
