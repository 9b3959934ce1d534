using System.Text;
using Legion.Format;
using Legion.Sdk;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Sdk;

/// <summary>A process that somebody looks at sends at shorter intervals, as soon as an answer has told it so and until none has for a while.</summary>
[Collection(SdkCollection.Name)]
public sealed class WatchedRecordingTests : IngestionTest
{
    [Fact]
    public async Task WhatIsRecordedIsStoredSoonWhileSomebodyWatches()
    {
        // Of these blocks none would leave before its time: the heartbeat alone hears of the watch.
        using var recording = Telemetry.Start(new TelemetryOptions
        {
            Endpoint = Server.Url, Spool = null, BlockAge = TimeSpan.FromHours(1), WatchedBlockAge = TimeSpan.FromMilliseconds(1),
            Heartbeat = TimeSpan.FromMilliseconds(50), PassInterval = TimeSpan.FromMilliseconds(10),
        });
        Telemetry.Log(Level.Info, $"seen");
        var catalog = Server.Lake.Catalog;
        while ((await catalog.ReadProcessesAsync(Tenant.Default, [recording.ProcessId], Cancellation)).Count == 0) await Task.Yield();
        Assert.Empty(await catalog.ReadBlocksAsync(Tenant.Default, [recording.ProcessId], Cancellation));

        await catalog.WatchAsync(Tenant.Default, recording.ProcessId, long.MaxValue, 0, Cancellation);
        IReadOnlyList<BlockRow> blocks = [];
        while (blocks.All(block => block.Class != StreamClass.Log)) blocks = await catalog.ReadBlocksAsync(Tenant.Default, [recording.ProcessId], Cancellation);
        Assert.Contains(blocks, block => block is { Class: StreamClass.Log, Events: 1 });
    }

    [Theory]
    [InlineData("\"{0}\"", true)]
    [InlineData("\"{1}\", \"{0}\"", true)]
    [InlineData("7, {{}}, null, \"nonsense\", \"{0}\"", true)]
    [InlineData("\"{1}\"", false)]
    [InlineData("\"{0}", false)]
    [InlineData("", false)]
    public void AnswersNameTheWatched(string watched, bool isWatched)
    {
        var (process, clock) = (Guid.CreateVersion7(), new ManualClock());
        var notice = new WatchNotice(process, clock);
        var json = $"{{\"watched\": [{string.Format(null, watched, process, Guid.CreateVersion7())}]}}";
        notice.Hear(Legion.Sdk.AppendAnswer.Read(Encoding.UTF8.GetBytes(json)).Watched);
        Assert.Equal(isWatched, notice.IsWatched);

        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(isWatched, notice.IsWatched);
        notice.Hear([]);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(notice.IsWatched);
    }
}
