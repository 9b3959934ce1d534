using Legion.Ingestion;
using Legion.Tests.Store;
using Legion.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Legion.Tests.Ingestion;

public sealed class SweepLoopTests : IDisposable
{
    readonly TemporaryLake lake = new();

    [Fact]
    public async Task OfTheServicesOfALakeOneSweepsEachHour()
    {
        var clock = new ManualClock();
        SweepLoop[] services = [.. Enumerable.Range(0, 3).Select(_ => new SweepLoop(lake.Open(), clock, NullLogger<SweepLoop>.Instance))];
        for (var hour = 0; hour < 3; hour++)
        {
            var swept = await Task.WhenAll(services.Select(service => Task.Run(() => service.TrySweepAsync(TestContext.Current.CancellationToken))));
            Assert.Single(swept, totals => totals is not null);
            clock.Advance(TimeSpan.FromHours(1));
        }
    }

    public void Dispose() => lake.Dispose();
}
