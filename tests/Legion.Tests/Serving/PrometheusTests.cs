using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Legion.Cli.Serving.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Legion.Tests.Serving;

/// <summary>Measurements as Prometheus reads them.</summary>
public sealed class PrometheusTests : IDisposable
{
    readonly ServiceProvider provider = new ServiceCollection().AddMetrics().BuildServiceProvider();
    readonly Meter meter;
    readonly PrometheusMetrics metrics;

    public PrometheusTests()
    {
        var factory = provider.GetRequiredService<IMeterFactory>();
        meter = factory.Create("Legion.Test");
        metrics = new PrometheusMetrics(factory);
    }

    public void Dispose()
    {
        metrics.Dispose();
        provider.Dispose();
    }

    [Fact]
    public void EachKindOfInstrumentIsWrittenAsItsType()
    {
        var counter = meter.CreateCounter<long>("test.sent", "{block}", "Blocks\nthat went");
        var change = meter.CreateUpDownCounter<int>("test.open");
        var seconds = meter.CreateHistogram("test.took", "s", "Time", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1] });
        meter.CreateObservableGauge("test.held", () => 7.5, "By");
        meter.CreateObservableCounter("test.total", () => 40L);
        for (var i = 0; i < 3; i++) counter.Add(2, new KeyValuePair<string, object?>("code", "stored"));
        counter.Add(1, new("code", "a\"b\\c\nd"), new("http.status", 503));
        change.Add(5);
        change.Add(-2);
        foreach (var value in (double[])[0.1, 0.5, 0.7, 3]) seconds.Record(value);
        Assert.Equal(
            """
            # HELP test_held_bytes 
            # TYPE test_held_bytes gauge
            test_held_bytes 7.5
            # HELP test_open 
            # TYPE test_open gauge
            test_open 3
            # HELP test_sent_total Blocks\nthat went
            # TYPE test_sent_total counter
            test_sent_total{code="a\"b\\c\nd",http_status="503"} 1
            test_sent_total{code="stored"} 6
            # HELP test_took_seconds Time
            # TYPE test_took_seconds histogram
            test_took_seconds_bucket{le="0.5"} 2
            test_took_seconds_bucket{le="1"} 3
            test_took_seconds_bucket{le="+Inf"} 4
            test_took_seconds_sum 4.3
            test_took_seconds_count 4
            # HELP test_total_total 
            # TYPE test_total_total counter
            test_total_total 40

            """, Own());
    }

    [Fact]
    public void MetersOfAnotherServiceInTheProcessAreNotCounted()
    {
        using var other = new ServiceCollection().AddMetrics().BuildServiceProvider();
        other.GetRequiredService<IMeterFactory>().Create("Legion.Test").CreateCounter<long>("test.other").Add(1);
        Assert.Equal("", Own());
    }

    [Fact]
    public async Task MeasurementsOfManyThreadsAreAllCounted()
    {
        var counter = meter.CreateCounter<long>("test.sent");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++) counter.Add(1, new KeyValuePair<string, object?>("thread", thread % 2));
        })));
        Assert.Contains("test_sent_total{thread=\"0\"} 20000\ntest_sent_total{thread=\"1\"} 20000\n", Own(), StringComparison.Ordinal);
    }

    [Fact]
    public void LabelsWithoutEndFillNoMemory()
    {
        var counter = meter.CreateCounter<long>("test.sent");
        for (var i = 0; i < 5_000; i++) counter.Add(1, new KeyValuePair<string, object?>("id", i));
        counter.Add(1, new KeyValuePair<string, object?>("id", new string('x', 10_000)));
        Assert.InRange(Own().Length, 1, 200_000);
    }

    /// <summary>What the process's own meters say is left out.</summary>
    string Own() => Regex.Replace(metrics.Write(), "(?m)^(# (HELP|TYPE) )?dotnet_.*\n", "");
}
