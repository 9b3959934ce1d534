using Legion.Lakehouse.Graphs;

namespace Legion.Tests.Lakehouse;

/// <summary>Whatever the graph, its nodes have places of their own, the same every time, and what is no cycle goes to the right.</summary>
public sealed class LayeredLayoutTests
{
    static LayeredLayout LayoutOf(int nodes, params (int From, int To)[] edges) => LayeredLayout.Of(nodes, [.. edges.Select(edge => new GraphEdge(edge.From, edge.To))]);

    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(2, 40, 30)]
    [InlineData(3, 200, 900)]
    [InlineData(4, 500, 600)]
    [InlineData(5, 3000, 9000)]
    [InlineData(6, 30, 800)]
    public void APlaceIsOfOneNode(int seed, int nodes, int edgeCount)
    {
        var edges = Random(seed, nodes, edgeCount, (from, to) => (from, to));
        var layout = LayoutOf(nodes, edges);
        var points = layout.Points();
        Assert.All(points, point => Assert.True(double.IsFinite(point.X) && double.IsFinite(point.Y)));
        for (var node = 0; node < nodes; node++) Assert.Equal(points.Where((_, other) => layout.Layers[other] == layout.Layers[node]).First().X, points[node].X);
        foreach (var layer in points.GroupBy(point => point.X))
        {
            var places = layer.Select(point => point.Y).Order().ToArray();
            for (var at = 1; at < places.Length; at++) Assert.True(places[at] - places[at - 1] > 0.999, $"{places[at - 1]} and {places[at]} in a layer");
        }
        Assert.Equal(points, LayoutOf(nodes, edges).Points());
        // Only an edge between nodes that reach each other may go to the left, and none stays in a layer.
        var reached = Enumerable.Range(0, nodes).Select(node => Reached(node, nodes, edges)).ToArray();
        Assert.All(edges.Where(edge => edge.From != edge.To), edge => Assert.True(layout.Layers[edge.From] < layout.Layers[edge.To] || (reached[edge.To][edge.From] && layout.Layers[edge.From] != layout.Layers[edge.To])));
    }

    [Theory]
    [InlineData(11, 60, 200)]
    [InlineData(12, 2000, 8000)]
    public void WithoutCyclesAllEdgesGoRight(int seed, int nodes, int edgeCount)
    {
        // By a hidden order of the nodes, so that their numbers say nothing.
        var hidden = Enumerable.Range(0, nodes).ToArray();
        new Random(seed).Shuffle(hidden);
        var edges = Random(seed, nodes, edgeCount, (from, to) => hidden[from] < hidden[to] ? (from, to) : (to, from)).Where(edge => edge.From != edge.To).ToArray();
        var layout = LayoutOf(nodes, edges);
        Assert.All(edges, edge => Assert.True(layout.Layers[edge.From] < layout.Layers[edge.To]));
        // A layer is the longest path: who is not in the first has somebody in the one before.
        Assert.All(Enumerable.Range(0, nodes), node => Assert.Equal(edges.Where(edge => edge.To == node).Select(edge => layout.Layers[edge.From] + 1).DefaultIfEmpty(0).Max(), layout.Layers[node]));
    }

    [Fact]
    public void OneEdgeOfACycleTurns() =>
        // 0 calls 1, 1 calls 2, 2 calls 1: of the two, the walk comes to 1 first.
        Assert.Equal([0, 1, 2], LayoutOf(3, (0, 1), (1, 2), (2, 1)).Layers);

    [Fact]
    public void CrossingsThatNeedNotBeAreNone()
    {
        // Two of each layer, joined crosswise by their numbers.
        var points = LayoutOf(6, (0, 3), (1, 2), (3, 4), (2, 5)).Points();
        Assert.Equal(points[0].Y < points[1].Y, points[3].Y < points[2].Y);
        Assert.Equal(points[3].Y < points[2].Y, points[4].Y < points[5].Y);
    }

    [Fact]
    public void ACallerStandsBesideTheMiddleOfWhatItCalls()
    {
        var points = LayoutOf(4, (0, 1), (0, 2), (0, 3)).Points();
        Assert.Equal(points.Skip(1).Average(point => point.Y), points[0].Y, 6);
    }

    [Fact]
    public void NothingHasNoPlaces() => Assert.Empty(LayoutOf(0).Points());

    [Fact]
    public void AnEdgeToNowhereIsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => LayoutOf(2, (0, 2)));

    [Fact]
    public void AChainIsAsLongAsItIs() => Assert.Equal(Enumerable.Range(0, 20_000), LayoutOf(20_000, [.. Enumerable.Range(0, 19_999).Select(node => (node, node + 1))]).Layers);

    static (int From, int To)[] Random(int seed, int nodes, int edges, Func<int, int, (int, int)> directed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, edges).Select(_ => directed(random.Next(nodes), random.Next(nodes)))];
    }

    static bool[] Reached(int start, int nodes, (int From, int To)[] edges)
    {
        var reached = new bool[nodes];
        if (nodes > 500) return Array.ConvertAll(reached, _ => true); // too many to look at every pair
        var open = new Queue<int>([start]);
        while (open.TryDequeue(out var node))
            foreach (var edge in edges)
                if (edge.From == node && !reached[edge.To])
                {
                    reached[edge.To] = true;
                    open.Enqueue(edge.To);
                }
        return reached;
    }
}
