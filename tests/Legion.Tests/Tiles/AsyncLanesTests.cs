using Legion.Lakehouse.Tiles;

namespace Legion.Tests.Tiles;

public sealed class AsyncLanesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void NothingOverlapsAndChildrenLieBelowTheirParents(int seed)
    {
        var random = new Random(seed);
        var lanes = new AsyncLanes();
        var placed = new List<(long Begin, long End, int Lane)>();
        var begin = 0L;
        for (var id = 1; id <= 2000; id++)
        {
            begin += random.Next(3);
            var end = begin + random.Next(60);
            var parent = id > 1 && random.Next(2) == 0 ? random.Next(1, id) : 0;
            var lane = lanes.Place(begin, end, (ulong)id, (ulong)parent);
            if (parent > 0) Assert.True(lane > placed[parent - 1].Lane || lane == AsyncLanes.MostLanes - 1);
            if (lane < AsyncLanes.MostLanes - 1) Assert.DoesNotContain(placed, other => other.Lane == lane && other.End > begin);
            placed.Add((begin, end, lane));
        }
        Assert.Equal(placed.Max(each => each.Lane) + 1, lanes.Count);
    }

    [Fact]
    public void LanesAreUsedAgain()
    {
        var lanes = new AsyncLanes();
        Assert.Equal([0, 1, 0, 1, 2], new[] { (0, 10), (5, 20), (10, 30), (20, 20), (20, 25) }.Select(span => lanes.Place(span.Item1, span.Item2)));
    }

    [Fact]
    public void ThereAreNoMoreThanAnybodyScrollsThrough()
    {
        var lanes = new AsyncLanes();
        for (var i = 0; i < 1000; i++) lanes.Place(0, long.MaxValue);
        Assert.Equal(AsyncLanes.MostLanes, lanes.Count);
    }
}
