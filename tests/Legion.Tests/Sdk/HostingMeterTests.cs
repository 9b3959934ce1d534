using System.Diagnostics.Metrics;
using Legion.Sdk;
using Xunit;

namespace Legion.Tests.Sdk;

[Collection(SdkCollection.Name)]
public sealed class HostingMeterTests
{
    const string Name = "Legion.Tests.Meters";
    const string ByName = "SELECT name, kind, unit, value, properties FROM measures WHERE $process ORDER BY name, time_ns";

    static readonly Bridges meters = Bridges.None with { Meters = [Name] };

    [Fact]
    public async Task Counters_are_increments_and_all_else_is_samples()
    {
        using var meter = new Meter(Name);
        using var lake = new HostingLake();
        await lake.RecordAsync(meters, () =>
        {
            var counter = meter.CreateCounter<long>("a.counter", "{item}");
            counter.Add(2);
            counter.Add(3, new KeyValuePair<string, object?>("kind", "x"), new("size", 4));
            var histogram = meter.CreateHistogram<double>("b.histogram", "s");
            histogram.Record(0.25);
            var upDown = meter.CreateUpDownCounter<int>("c.upDown", "By");
            foreach (var change in new[] { 5, -2 }) upDown.Add(change);
            foreach (var change in new[] { 1, 1 }) upDown.Add(change, new KeyValuePair<string, object?>("state", "idle"));
            meter.CreateGauge<short>("d.gauge").Record(-7);
        });
        Assert.Equal(
            [
                "a.counter,count,item,2,{}",
                """a.counter,count,item,3,{"kind":"x","size":4}""",
                "b.histogram,gauge,s,0.25,{}",
                "c.upDown,gauge,B,5,{}",
                "c.upDown,gauge,B,3,{}",
                """c.upDown,gauge,B,1,{"state":"idle"}""",
                """c.upDown,gauge,B,2,{"state":"idle"}""",
                "d.gauge,gauge,,-7,{}",
            ],
            await lake.RowsAsync(ByName));
    }

    [Fact]
    public async Task Observable_counters_are_what_they_grew_by()
    {
        using var meter = new Meter(Name);
        var observed = new ManualResetEventSlim();
        var (total, polls) = (10, 0);
        using var lake = new HostingLake();
        meter.CreateObservableCounter("total", () =>
        {
            // Another poll may come before the recording ends: from the second on the total stays.
            if (Interlocked.Increment(ref polls) == 2) total = 17;
            if (polls > 2) observed.Set();
            return total;
        });
        meter.CreateObservableGauge("depth", () => 3);
        meter.CreateObservableGauge("throws", int () => throw new InvalidOperationException("the program's own"));
        var said = new List<string>();
        await lake.RecordAsync(new TelemetryOptions { Bridges = meters with { MeterInterval = TimeSpan.FromMilliseconds(1) }, SelfLog = said.Add }, () =>
        {
            Assert.True(observed.Wait(TimeSpan.FromSeconds(30)));
            return Task.CompletedTask;
        });
        Assert.Equal(["10", "7"], await lake.RowsAsync("SELECT value FROM measures WHERE $process AND name = 'total' ORDER BY time_ns"));
        Assert.Equal(["3,legion poll"], await lake.RowsAsync("SELECT DISTINCT value, thread FROM measures WHERE $process AND name = 'depth'"));
        Assert.Contains(said, sentence => sentence.Contains("the program's own"));
    }

    [Fact]
    public void A_measurement_without_tags_allocates_nothing()
    {
        using var meter = new Meter(Name);
        var (counter, upDown, histogram) = (meter.CreateCounter<long>("counter"), meter.CreateUpDownCounter<long>("upDown"), meter.CreateHistogram<double>("histogram"));
        using var recording = Telemetry.Start(new TelemetryOptions { Sink = new MemorySink(), Bridges = meters });
        var tag = new KeyValuePair<string, object?>("state", "idle");
        // The last of many rounds: by then the code is compiled, and the thread has its segments.
        var allocated = 0L;
        for (var round = 0; round < 20; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
            {
                counter.Add(1);
                histogram.Record(0.5);
                upDown.Add(1);
                upDown.Add(1, tag);
            }
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Sums_are_kept_by_tags_and_those_without_end_share_one()
    {
        var totals = new TagTotals();
        KeyValuePair<string, object?>[] one = [new("state", "idle"), new("port", 80)], same = [new("state", new string("idle")), new("port", 80)], other = [new("state", "idle"), new("port", 81)];
        Assert.Equal(2, totals.Add(one, 2));
        Assert.Equal(5, totals.Add(same, 3));
        Assert.Equal(1, totals.Add(other, 1));
        Assert.Equal(7, totals.Add([], 7));
        for (var id = 0; id < 5000; id++) totals.Add([new("id", id)], 1);
        Assert.Equal(6, totals.Add(one, 1));
        Assert.True(totals.Add([new("id", "never seen")], 0) > 2000);
        Assert.Equal(4, totals.Growth([new("state", "x")], 4 + totals.Add([new("state", "x")], 0)));
    }

    /// <summary>The last poll is recorded while the recording ends: passes of the flusher that come meanwhile are not its last.</summary>
    [Fact]
    public async Task What_the_last_poll_records_is_sent_though_the_flusher_does_not_wait_for_it()
    {
        using var meter = new Meter(Name);
        using var lake = new HostingLake();
        var (isEnding, passes) = (false, 0);
        var sink = new PassSink(() => Interlocked.Increment(ref passes));
        meter.CreateObservableGauge("passes", () =>
        {
            var before = Volatile.Read(ref passes);
            // Of the second pass it is certain that it began while the recording ended.
            return Volatile.Read(ref isEnding) && SpinWait.SpinUntil(() => Volatile.Read(ref passes) >= before + 2, TimeSpan.FromMilliseconds(500)) ? 2 : 0;
        });
        var recording = Telemetry.Start(new TelemetryOptions
        {
            Sink = sink, PassInterval = TimeSpan.FromMilliseconds(1), Bridges = meters with { MeterInterval = TimeSpan.FromHours(1) },
        });
        Volatile.Write(ref isEnding, true);
        recording.Dispose();
        await lake.AppendAsync(sink.Kept);
        Assert.Contains("2", await lake.RowsAsync("SELECT value FROM measures WHERE $process AND name = 'passes'"));
    }

    [Fact]
    public async Task Counters_of_the_runtime_and_the_machine_are_read_from_the_begin_to_the_end()
    {
        using var lake = new HostingLake();
        // Whatever other tests left: something lies in the oldest generation.
        GC.Collect();
        // The runtime's count is an estimate, which stood still for 500 MB once: no more can be expected than what it says itself.
        var (first, last) = (0L, 0L);
        var outside = -GC.GetTotalAllocatedBytes();
        await lake.RecordAsync(Bridges.None with { Runtime = true, System = true, Exceptions = true }, () =>
        {
            first = GC.GetTotalAllocatedBytes();
            for (var i = 0; i < 100; i++) GC.KeepAlive(new byte[5_000_000]);
            GC.Collect();
            last = GC.GetTotalAllocatedBytes();
            for (var i = 0; i < 3; i++)
            {
                try
                {
                    throw new InvalidOperationException($"number {i}");
                }
                catch (InvalidOperationException)
                {
                    // Thrown to be counted.
                }
            }
        });
        outside += GC.GetTotalAllocatedBytes();
        var values = (await lake.RowsAsync("SELECT name || ' ' || unit || ' ' || kind AS what, sum(value) AS sum FROM measures WHERE $process GROUP BY ALL"))
            .Select(row => row.Split(',')).ToDictionary(row => row[0], row => double.Parse(row[1], System.Globalization.CultureInfo.InvariantCulture));
        var allocated = values["runtime.gc.allocated B count"];
        Assert.True(allocated >= last - first && allocated <= outside,
            $"{allocated} bytes are recorded, and the runtime counted {last - first} inside and {outside} around it; {string.Join(", ", values.Select(value => $"{value.Key} {value.Value}"))}");
        Assert.True(values["runtime.gc.collections.gen2 count count"] >= 1);
        Assert.True(values["runtime.gc.pause ns count"] > 0);
        Assert.True(values["runtime.exceptions count count"] >= 3);
        Assert.True(values["runtime.gc.heap B gauge"] > 0);
        Assert.True(values["runtime.gc.heap.gen2 B gauge"] > 0);
        Assert.True(values["runtime.threadpool.threads count gauge"] >= 0);
        Assert.True(values["process.cpu.user ns count"] > 0);
        Assert.True(values["process.memory.working_set B gauge"] > 10_000_000);
        if (OperatingSystem.IsLinux()) Assert.True(values["system.memory.used B gauge"] > values["process.memory.working_set B gauge"] / 2);
        Assert.Equal(
            ["info,System.InvalidOperationException: number 0", "info,System.InvalidOperationException: number 1", "info,System.InvalidOperationException: number 2"],
            await lake.RowsAsync("SELECT level, message FROM log_entries WHERE $process AND target = 'exceptions' AND message LIKE '%: number %' ORDER BY time_ns"));
    }
}
