using System.Text;
using Legion.Format;
using Legion.Sdk;
using Legion.Sdk.Hosting;
using Microsoft.Extensions.Logging;

namespace Legion.Tests.Sdk;

/// <summary>What is to be dropped or hashed is nowhere as it was: not in blocks, not in the spool, not in a segment that a crash would leave.</summary>
[Collection(SdkCollection.Name)]
public sealed class RedactionTests
{
    const string Canary = "ann.canary@example.org";

    static readonly Redaction redaction = new() { Drop = ["user.email", "Secret"], Hash = ["USER.id", "card"], Key = "a key of the tests" };

    const string Program = """
        using System;
        using Legion.Format;
        using Legion.Sdk;

        var user = new User("ann.canary@example.org", 4242424242, Guid.Parse("0f0f0f0f-4242-4242-4242-424242424242"));
        var card = "ann.canary@example.org";
        for (var pass = 0; pass < 3; pass++)
        {
            ReadOnlySpan<char> secret = card;
            Telemetry.Log(Level.Info, $"first {pass} {user.Email} then {card,8} and {user.Id} last {pass + 1}");
            Telemetry.Log(Level.Info, $"{secret} {user.Id} {pass}");
            Telemetry.Log(Level.Info, $"nested {Nested(pass)} {user.Email}");
        }

        int Nested(int pass)
        {
            Telemetry.Log(Level.Info, $"inner {user.Email} {pass}");
            return pass;
        }

        sealed record User(string Email, long Id, Guid Key);
        """;

    static readonly string hashedEmail = redaction.HashOf(Canary).AsString, hashedId = redaction.HashOf(4242424242).AsString;

    public static TheoryData<bool> Ways => [true, false];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Arguments_of_logs_go_by_the_names_of_their_holes(bool interceptors)
    {
        // On other lines, as call sites at one place are one to the recording, generated or not.
        var program = await CompiledProgram.Of(interceptors ? Program : new string('\n', 50) + Program, interceptors);
        using var lake = new HostingLake();
        await lake.RecordAsync(new TelemetryOptions { Redaction = redaction }, () =>
        {
            program.LoadAndRun();
            return Task.CompletedTask;
        });
        var rows = await lake.RowsAsync("SELECT message FROM log_entries WHERE $process ORDER BY time_ns");
        string[] expected = [.. Enumerable.Range(0, 3).SelectMany(pass => new[]
        {
            $"first {pass}  then {hashedEmail} and {hashedId} last {pass + 1}", $" {hashedId} {pass}", $"inner  {pass}", $"nested {pass} ",
        })];
        Assert.Equal(string.Join("\n", expected.Order(StringComparer.Ordinal)), string.Join("\n", rows.Order(StringComparer.Ordinal)));

        // And without a policy all of it is there again.
        using var open = new HostingLake();
        await open.RecordAsync(new TelemetryOptions(), () =>
        {
            program.LoadAndRun();
            return Task.CompletedTask;
        });
        Assert.Equal(12, (await open.RowsAsync("SELECT message FROM log_entries WHERE $process")).Count(row => row.Contains(Canary, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Properties_are_hashed_or_left_out_wherever_they_are_given()
    {
        using var lake = new HostingLake();
        await lake.RecordAsync(new TelemetryOptions { Redaction = redaction, Properties = { ["user.id"] = Canary, ["build"] = 7 } }, RecordEverythingAsync);
        var properties = $"{{\"build\":7,\"user.id\":\"{hashedEmail}\"}}";
        Assert.Equal([properties], await lake.RowsAsync("SELECT properties FROM processes WHERE $process"));
        const string pair = "replace(CAST(properties AS VARCHAR), ',', ';')";
        Assert.Equal([$"inner|{{\"user.id\":\"{hashedEmail}\"}}", $"outer|{{\"kept\":1;\"user.id\":\"{hashedId}\"}}"],
            await lake.RowsAsync($"SELECT name || '|' || {pair} FROM spans WHERE $process ORDER BY name"));
        Assert.Equal([$"{{\"user.id\":\"{hashedEmail}\"}}"], await lake.RowsAsync($"SELECT {pair} FROM async_spans WHERE $process"));
        Assert.Equal([$"{{\"kept\":2;\"user.id\":\"{hashedEmail}\"}}"], await lake.RowsAsync($"SELECT {pair} FROM markers WHERE $process"));
        Assert.Equal([$"{{\"card\":\"{hashedEmail}\"}}"], await lake.RowsAsync($"SELECT {pair} FROM measures WHERE $process"));
        Assert.Equal([$"hosted {hashedEmail}  2|{{\"user.id\":\"{hashedEmail}\"}}"], await lake.RowsAsync($"SELECT message || '|' || {pair} FROM log_entries WHERE $process"));
    }

    [Fact]
    public async Task Nothing_of_it_reaches_the_disk()
    {
        var spool = Directory.CreateTempSubdirectory("legion-redaction-").FullName;
        try
        {
            var program = await CompiledProgram.Of(Program);
            // Nobody listens there: segments and blocks stay in the spool.
            var options = new TelemetryOptions { Endpoint = new Uri("http://127.0.0.1:1"), Spool = spool, Properties = { ["user.id"] = Canary }, EndTimeout = TimeSpan.Zero };
            Assert.NotEqual(0, await CanariesAsync(options with { Redaction = redaction with { Drop = [], Hash = ["other"] } }));
            Assert.Equal(0, await CanariesAsync(options with { Redaction = redaction }));

            async Task<int> CanariesAsync(TelemetryOptions recorded)
            {
                using var recording = Telemetry.Start(recorded);
                program.LoadAndRun();
                await RecordEverythingAsync();
                var canaries = Directory.EnumerateFiles(spool, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "lock").Sum(file => Occurrences(ReadShared(file)));
                recording.Withdraw();
                return canaries;
            }
        }
        finally
        {
            Directory.Delete(spool, recursive: true);
        }
    }

    [Fact]
    public void A_policy_without_a_key_or_of_two_minds_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Telemetry.Start(new TelemetryOptions { Sink = new MemorySink(), Redaction = new() { Hash = ["a"] } }));
        Assert.Throws<ArgumentException>(() => (redaction with { Drop = ["CARD"] }).Check());
        Assert.Throws<ArgumentException>(() => new Redaction { Drop = [""] }.Check());
        Assert.DoesNotContain("a key of the tests", redaction.ToString(), StringComparison.Ordinal);
        var changed = redaction with { Hash = [] };
        Assert.Equal((RedactionRule.Hash, RedactionRule.Keep), (redaction.RuleOf("user.id"), changed.RuleOf("user.id")));
        Assert.Equal(redaction.HashOf("42"), redaction.HashOf(42));
        Assert.NotEqual(redaction.HashOf("42"), (redaction with { Key = "another key of the tests" }).HashOf("42"));
    }

    static async Task RecordEverythingAsync()
    {
        using (Telemetry.Span("outer", [new("user.email", Canary), new("user.id", 4242424242), new("kept", 1)]))
        {
        }
        using (Telemetry.Context("user.email", Canary))
        using (Telemetry.Context("user.id", Canary))
        {
            using (Telemetry.Span("inner"))
            {
            }
#pragma warning disable CA1848, CA2254 // What is tried is how the arguments arrive.
            new LegionLogger(LogCategory.Of("Shop"), scopes: null, includesTraceIds: false).LogInformation("hosted {card} {Secret} {Number}", Canary, Canary, 2);
#pragma warning restore CA1848, CA2254
        }
        await using (Telemetry.AsyncSpan("walk", AsyncSpanId.None, [new("user.id", Canary), new("user.email", Canary)]))
        {
        }
        Telemetry.Marker("mark", [new("kept", 2), new("user.id", Canary), new("secret", Canary)]);
        Telemetry.Metric("sales", 1, Unit.None, [new("card", Canary), new("secret", Canary)]);
    }

    static byte[] ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    static int Occurrences(byte[] bytes)
    {
        var found = 0;
        foreach (var encoded in new[] { Encoding.UTF8.GetBytes("ann.canary"), Encoding.Unicode.GetBytes("ann.canary"), BitConverter.GetBytes(4242424242) })
            for (var rest = bytes.AsSpan(); rest.IndexOf(encoded) is >= 0 and var at; rest = rest[(at + encoded.Length)..]) found++;
        return found;
    }
}
