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
    public const string Canary = "bob.canary@example.org", Other = "ann.other@example.org", Property = "user_id";

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

    static void Act(string whose, string user_id, int round)
    {
        using (Telemetry.DynamicSpan($"{whose} request", [new(Property, user_id), new("round", round)]))
        {
            using (Telemetry.Span(whose == "gone" ? "gone child" : "kept child"))
                Telemetry.Marker(whose == "gone" ? "gone inside" : "kept inside");
        }
        using (Telemetry.Context(Property, user_id))
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
        using (Telemetry.AsyncSpan($"{whose} walk", AsyncSpanId.None, [new(Property, user_id)]))
        {
        }
        Telemetry.Marker("mark", [new("what", whose), new(Property, user_id)]);
        Telemetry.Metric("tagged", round, Unit.Count, [new("what", whose), new(Property, user_id)]);
        Telemetry.Emit(new Sale(user_id, $"{whose} sale", round));
#pragma warning disable CA1848, CA2254 // What is tried is how the arguments arrive.
        new LegionLogger(LogCategory.Of("Shop"), scopes: null, includesTraceIds: false).LogInformation(whose + " log {user_id} {Round}", user_id, round);
#pragma warning restore CA1848, CA2254
        Telemetry.Log(Level.Info, $"{whose} learnt {user_id} of {round}");
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

    /// <summary>Has a field that is named like the property.</summary>
    public readonly record struct Sale(string user_id, string Article, int Round);
}
