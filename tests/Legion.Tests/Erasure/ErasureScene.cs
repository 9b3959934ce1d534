using System.Text;
using Legion.Format;
using Legion.Sdk;
using Legion.Sdk.Hosting;
using Legion.Store;
using Microsoft.Extensions.Logging;

namespace Legion.Tests.Erasure;

/// <summary>
/// What two users did in one process, and one of them in a process of his own, in every place where a program can name a user.
/// All that is the user's who will be erased has a name that begins with <c>gone</c>.
/// </summary>
static class ErasureScene
{
    public const string Canary = "bob.canary@example.org", Other = "ann.other@example.org", Property = "user.id";

    /// <summary>The property as a call site writes it: a hole of that name.</summary>
    sealed record User(string Id);

    public static MemorySink Shared(int rounds = 40)
    {
        var sink = new MemorySink();
        using (Telemetry.Start(new TelemetryOptions { Sink = sink, BlockBytes = 1024, Properties = { ["build"] = 7 } }))
        {
            Telemetry.Attach("text/plain", Encoding.UTF8.GetBytes("nobody's"), "notes");
            for (var round = 0; round < rounds; round++)
            {
                using var frame = Telemetry.Span("round", [new("round", round)]);
                Act("kept", Other, round);
                Act("gone", Canary, round);
                Telemetry.Frame("main");
                // Blocks end wherever they do: in the middle of what is to go, too.
                if (round % 7 == 0) Telemetry.Flush(TimeSpan.FromSeconds(10));
            }
        }
        return sink;
    }

    public static MemorySink Own()
    {
        var sink = new MemorySink();
        using (Telemetry.Start(new TelemetryOptions { Sink = sink, Properties = { [Property] = Canary } }))
        {
            using (Telemetry.Span("gone whole")) Telemetry.Log(Level.Info, $"gone with the process {Canary}");
            Telemetry.Attach("text/plain", Encoding.UTF8.GetBytes($"all about {Canary}"), "dump");
        }
        return sink;
    }

    static void Act(string whose, string id, int round)
    {
        var user = new User(id);
        using (Telemetry.DynamicSpan($"{whose} request", [new(Property, id), new("round", round)]))
        {
            using (Telemetry.Span(whose == "gone" ? "gone child" : "kept child"))
                Telemetry.Marker(whose == "gone" ? "gone inside" : "kept inside");
        }
        using (Telemetry.Context(Property, id))
        {
            using (Telemetry.DynamicSpan($"{whose} in context"))
            {
                using var deeper = Telemetry.DynamicSpan($"{whose} deeper");
                Telemetry.Log(Level.Info, $"{whose} log of a context {round}");
                if (round % 7 == 3) Telemetry.Flush(TimeSpan.FromSeconds(10));
            }
            Telemetry.Metric($"{whose} metric", round, Unit.Count);
            Telemetry.Emit(new Visit(round, $"{whose} visit"));
        }
        using (Telemetry.AsyncSpan($"{whose} walk", AsyncSpanId.None, [new(Property, id)]))
        {
        }
        Telemetry.Marker("mark", [new("what", whose), new(Property, id)]);
        Telemetry.Metric("tagged", round, Unit.Count, [new("what", whose), new(Property, id)]);
        Telemetry.Emit(new Sale(id, $"{whose} sale", round));
#pragma warning disable CA1848, CA2254 // What is tried is how the arguments arrive.
        new LegionLogger(LogCategory.Of("Shop"), scopes: null, includesTraceIds: false).LogInformation(whose + " log {user.id} {Round}", user.Id, round);
#pragma warning restore CA1848, CA2254
    }

    /// <summary>What a recording left, as a client would send it.</summary>
    public static BatchWriter Batch(MemorySink sink, IEnumerable<FinishedBlock>? blocks = null)
    {
        var batch = new BatchWriter();
        batch.Add(sink.Process!);
        foreach (var stream in sink.Streams.Values) batch.Add(stream);
        foreach (var schema in sink.Schemas.Values) batch.Add(schema);
        foreach (var block in blocks ?? sink.Blocks) batch.AddBlock(block.Bytes);
        return batch;
    }

    public readonly record struct Visit(int Round, string Page);

    /// <summary>The field has the property's name by its attribute in the schema that <see cref="Telemetry.Emit"/> makes: its own.</summary>
    public readonly record struct Sale(string Buyer, string Article, int Round);
}
