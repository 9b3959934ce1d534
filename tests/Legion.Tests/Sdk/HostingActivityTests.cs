using System.Diagnostics;
using Legion.Sdk;
using Xunit;

namespace Legion.Tests.Sdk;

[Collection(SdkCollection.Name)]
public sealed class HostingActivityTests
{
    const string Name = "Legion.Tests.Activities";

    static readonly ActivitySource source = new(Name);
    static readonly ActivitySource other = new("Legion.Tests.Others");
    static readonly Bridges activities = Bridges.None with { Activities = [Name] };

    [Fact]
    public async Task An_activity_is_an_async_span_with_its_ids_and_all_it_carried_at_its_end()
    {
        using var lake = new HostingLake();
        ulong outerId = 0, innerId = 0;
        var traceId = "";
        await lake.RecordAsync(activities, () =>
        {
            using var outer = source.StartActivity("outer", ActivityKind.Server)!;
            using (var inner = source.StartActivity("inner")!)
            {
                inner.DisplayName = "inner 7";
                inner.SetTag("text", "a\"b");
                inner.SetTag("number", 7);
                inner.SetTag("list", new[] { "x", "y" });
                inner.SetTag("throws", new Throws());
                inner.AddEvent(new ActivityEvent("went on", DateTimeOffset.UnixEpoch.AddSeconds(1), new ActivityTagsCollection { ["step"] = 2 }));
                inner.AddLink(new ActivityLink(new ActivityContext(ActivityTraceId.CreateFromString("0af7651916cd43dd8448eb211c80319c"), ActivitySpanId.CreateFromString("00000000000000ff"), default)));
                inner.SetStatus(ActivityStatusCode.Error, "broken");
                innerId = Convert.ToUInt64(inner.SpanId.ToHexString(), 16);
            }
            (outerId, traceId) = (Convert.ToUInt64(outer.SpanId.ToHexString(), 16), outer.TraceId.ToHexString());
            other.StartActivity("not chosen")?.Dispose();
        });
        Assert.Equal(
            [
                $"outer,{Name},{outerId},,{traceId},",
                $"inner 7,{Name},{innerId},{outerId},{traceId},",
            ],
            await lake.RowsAsync("SELECT name, target, span_id, parent_id, trace_id, CASE WHEN duration_ns >= 0 THEN '' ELSE 'open' END AS open FROM async_spans WHERE $process ORDER BY begin_ns"));
        Assert.Equal(
            ["""
            a"b|7|x, y|System.NotSupportedException|error|broken|[{"name":"went on","time_ns":1000000000,"tags":{"step":2}}]|[{"trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":255,"tags":{}}]
            """],
            await lake.RowsAsync("""
                SELECT concat_ws('|', properties->>'text', properties->>'number', properties->>'list', properties->>'throws',
                    properties->>'status', properties->>'status_description', properties->>'events', properties->>'links') AS carried
                FROM async_spans WHERE $process AND name = 'inner 7'
                """));
        Assert.Equal(["server"], await lake.RowsAsync("SELECT properties->>'kind' AS kind FROM async_spans WHERE $process AND name = 'outer'"));
    }

    [Fact]
    public async Task Spans_of_the_program_and_activities_are_each_others_parents()
    {
        using var lake = new HostingLake();
        await lake.RecordAsync(activities, () =>
        {
            using (source.StartActivity("request"))
            {
                using (Telemetry.AsyncSpan("work")) { }
            }
            using var job = Telemetry.AsyncSpan("job");
            using (source.StartActivity("call")) { }
        });
        Assert.Equal(
            ["call,job,", "job,,", "request,,", "work,request,True"],
            await lake.RowsAsync("""
                SELECT child.name, parent.name AS parent, child.trace_id = parent.trace_id AS same FROM async_spans AS child
                LEFT JOIN (SELECT * FROM async_spans WHERE $process) AS parent ON child.parent_id = parent.span_id
                WHERE child.$process ORDER BY child.name
                """));
    }

    [Fact]
    public async Task Activities_without_w3c_ids_have_numbers_of_their_own()
    {
        using var lake = new HostingLake();
        // All are heard, also those of libraries that tests beside this one use.
        await lake.RecordAsync(Bridges.None with { Activities = ["*"] }, () =>
        {
            var outer = new Activity("outer").SetIdFormat(ActivityIdFormat.Hierarchical).Start();
            // Said of both: a library that another test uses may have made W3C's the format of all that say nothing.
            var inner = new Activity("inner").SetIdFormat(ActivityIdFormat.Hierarchical).Start();
            inner.Stop();
            outer.Stop();
        });
        Assert.Equal(
            ["inner,outer,", "outer,,"],
            await lake.RowsAsync("""
                SELECT child.name, parent.name AS parent, child.trace_id FROM async_spans AS child
                LEFT JOIN (SELECT * FROM async_spans WHERE $process) AS parent ON child.parent_id = parent.span_id
                WHERE child.$process AND child.name IN ('outer', 'inner') ORDER BY child.name
                """));
    }

    [Fact]
    public async Task Begin_and_end_are_recorded_on_the_threads_where_they_happen()
    {
        using var lake = new HostingLake();
        await lake.RecordAsync(activities, () =>
        {
            Activity? begun = null;
            Run("begins it", () => begun = source.StartActivity("moves"));
            Run("ends it", () => begun!.Stop());
        });
        Assert.Equal(["begins it,ends it"], await lake.RowsAsync("SELECT thread, end_thread FROM async_spans WHERE $process"));

        static void Run(string name, Action action)
        {
            var thread = new Thread(() => action()) { Name = name };
            thread.Start();
            thread.Join();
        }
    }

    [Fact]
    public void Nobody_listens_when_no_recording_runs()
    {
        using (Telemetry.Start(new TelemetryOptions { Sink = new MemorySink(), Bridges = activities })) Assert.True(source.HasListeners());
        Assert.False(source.HasListeners());
        Assert.True(Telemetry.CurrentAsyncSpan.IsNone);
    }

    [Fact]
    public async Task More_activities_than_are_kept_in_mind_cost_the_oldest_their_ends()
    {
        const int activitiesAtOnce = 80_000;
        using var lake = new HostingLake();
        await lake.RecordAsync(activities, () =>
        {
            var open = new Activity[activitiesAtOnce];
            for (var i = 0; i < open.Length; i++)
            {
                open[i] = source.StartActivity(ActivityKind.Internal, parentContext: default, name: "open")!;
                Activity.Current = null;
            }
            foreach (var activity in open) activity.Stop();
        });
        var ended = long.Parse(Assert.Single(await lake.RowsAsync("SELECT count(end_ns) AS ended FROM async_spans WHERE $process")));
        Assert.InRange(ended, 60_000, 64 * 1024);
        Assert.Equal([$"{activitiesAtOnce}"], await lake.RowsAsync("SELECT count(*) AS spans FROM async_spans WHERE $process"));
    }

    [Theory]
    [InlineData("*", "Anything", true)]
    [InlineData("*,!System.Net.*", "System.Net.Http", false)]
    [InlineData("System.Net.*", "System.Net.Http", true)]
    [InlineData("System.Net.Http", "System.Net.HttpListener", false)]
    [InlineData("!System.*", "Anything", false)]
    public void Names_are_chosen_by_patterns(string patterns, string name, bool isChosen) => Assert.Equal(isChosen, new NamePatterns(patterns.Split(',')).Match(name));

    sealed class Throws
    {
        public override string ToString() => throw new NotSupportedException();
    }
}
