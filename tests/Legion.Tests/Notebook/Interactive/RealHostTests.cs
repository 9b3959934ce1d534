using System.Diagnostics;
using System.Text.Json.Nodes;
using Legion.Tests.Sdk;

namespace Legion.Tests.Notebook.Interactive;

/// <summary>The extension in a real host: LEGION_DOTNET_INTERACTIVE is the path of the program "dotnet-interactive".</summary>
public sealed class RealHostTests(PackedSdk packed) : IClassFixture<PackedSdk>
{
    const string Variable = "LEGION_DOTNET_INTERACTIVE";

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ARealHostLoadsThePackageAndRunsTheMagics()
    {
        var program = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipUnless(program is { Length: > 0 }, $"{Variable} names no dotnet-interactive to run the extension in");
        await packed.PackageAsync();
        var feed = Path.GetDirectoryName(await packed.NotebookPackageAsync())!;
        await using var recording = new ArchiveRecording();
        await recording.InitializeAsync();
        using var host = Process.Start(new ProcessStartInfo(program, ["stdio"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment =
            {
                ["DOTNET_INTERACTIVE_CLI_TELEMETRY_OPTOUT"] = "1",
                ["DOTNET_ROLL_FORWARD"] = "LatestMajor",
                // Our packages are unpacked where no later build finds them.
                ["NUGET_PACKAGES"] = Path.Combine(feed, "unpacked"),
                ["NUGET_FALLBACK_PACKAGES"] = PackedSdk.GlobalPackages,
                ["LEGION_LAKE"] = recording.Lake,
            },
        })!;
        try
        {
            await ReadAsync(host, message => (string?)message["eventType"] == "KernelReady");
            await RunAsync(host, $"#i \"nuget:{feed}\"\n#r \"nuget:Legion.Notebook\"");

            var shown = await RunAsync(host, """
                #!legion processes -> p
                #!legion flame @p -> f
                #!legion sql -> top
                SELECT name, count(*) AS n FROM spans WHERE process_id = $p GROUP BY name ORDER BY 2 DESC LIMIT 3
                """);
            Assert.Contains(recording.ProcessId.ToString(), shown[0]["text/html"]);
            Assert.Contains("<img ", shown[1]["text/html"]);
            Assert.Contains("3 rows, 2 columns", shown[2]["text/plain"]);
            Assert.Contains("3", Assert.Single(await RunAsync(host, "top.Rows.Count")).Values.Single());
            Assert.All(shown, forms => Assert.DoesNotContain(Legion.Notebook.DisplayFormatters.LiveCell, forms.Keys));

            shown = await RunAsync(host, "#!legion-sql --name df --limit 2\nSELECT name FROM top");
            Assert.Contains("2 rows, 1 columns", Assert.Single(shown)["text/plain"]);
            Assert.Contains("2", Assert.Single(await RunAsync(host, "df.Rows.Count")).Values.Single());

            Assert.StartsWith("unknown option '--lst'; did you mean '--last'?\n#!legion processes --lst 24h\n                   ^\n", await FailAsync(host, "#!legion processes --lst 24h"));
            Assert.StartsWith("unknown verb 'flam'; did you mean 'flame'?\n", await FailAsync(host, "#!legion flam @p"));

            Assert.Equal(["flame"], await CompleteAsync(host, "#!legion fl"));
            Assert.Contains("--threads", await CompleteAsync(host, "#!legion flame @p --"));
            Assert.Contains("log_entries", await CompleteAsync(host, "#!legion-sql\nSELECT * FROM log_e"));
        }
        finally
        {
            host.Kill(entireProcessTree: true);
            await host.WaitForExitAsync(Cancel);
        }
    }

    /// <returns>What the cell showed, each in its forms.</returns>
    static async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> RunAsync(Process host, string cell)
    {
        var (events, failure) = await SubmitAsync(host, cell);
        Assert.Null(failure);
        var emptied = events.Where(message => (string?)message["eventType"] == "DisplayedValueUpdated" && OutlinedHost.IsEmptied(Forms(message).Values)).Select(ValueId).ToHashSet();
        return [.. events.Where(message => (string?)message["eventType"] is "DisplayedValueProduced" or "ReturnValueProduced" && !emptied.Contains(ValueId(message))).Select(Forms)];

        static string ValueId(JsonNode message) => (string?)message["event"]!["valueId"] ?? "";

        static Dictionary<string, string> Forms(JsonNode message) =>
            message["event"]!["formattedValues"]!.AsArray().ToDictionary(form => (string)form!["mimeType"]!, form => (string)form!["value"]!);
    }

    static async Task<string> FailAsync(Process host, string cell) => (await SubmitAsync(host, cell)).Failure ?? throw new InvalidOperationException($"the cell succeeded: {cell}");

    static Task<(List<JsonNode> Events, string? Failure)> SubmitAsync(Process host, string cell) =>
        SendAsync(host, "SubmitCode", new JsonObject { ["code"] = cell, ["targetKernelName"] = "csharp" });

    /// <summary>At the end of the cell.</summary>
    static async Task<IReadOnlyList<string>> CompleteAsync(Process host, string cell)
    {
        var lines = cell.Split('\n');
        var (events, failure) = await SendAsync(host, "RequestCompletions", new JsonObject
        {
            ["code"] = cell, ["targetKernelName"] = "csharp", ["linePosition"] = new JsonObject { ["line"] = lines.Length - 1, ["character"] = lines[^1].Length },
        });
        Assert.Null(failure);
        var found = events.Single(message => (string?)message["eventType"] == "CompletionsProduced");
        return [.. found["event"]!["completions"]!.AsArray().Select(item => (string)item!["insertText"]!)];
    }

    static async Task<(List<JsonNode> Events, string? Failure)> SendAsync(Process host, string type, JsonObject command)
    {
        var token = Guid.NewGuid().ToString("N");
        await host.StandardInput.WriteLineAsync(new JsonObject { ["token"] = token, ["commandType"] = type, ["command"] = command }.ToJsonString().AsMemory(), Cancel);
        await host.StandardInput.FlushAsync(Cancel);
        var events = await ReadAsync(host, message => (string?)message["command"]?["token"] == token && (string?)message["eventType"] is "CommandSucceeded" or "CommandFailed");
        return (events, (string?)events[^1]["eventType"] == "CommandFailed" ? (string?)events[^1]["event"]!["message"] : null);
    }

    /// <summary>The host's messages until one that is the last.</summary>
    static async Task<List<JsonNode>> ReadAsync(Process host, Predicate<JsonNode> isLast)
    {
        var messages = new List<JsonNode>();
        do
        {
            var line = await host.StandardOutput.ReadLineAsync(Cancel) ?? throw new InvalidOperationException("the host has ended");
            // Before it is ready it greets people.
            if (line.StartsWith('{'))
                messages.Add(JsonNode.Parse(line)!);
        }
        while (messages.Count == 0 || !isLast(messages[^1]));
        return messages;
    }
}
