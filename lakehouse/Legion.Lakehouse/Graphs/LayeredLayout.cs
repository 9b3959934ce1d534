using System.Runtime.InteropServices;

namespace Legion.Lakehouse.Graphs;

/// <summary>From one node to another, by their numbers.</summary>
public readonly record struct GraphEdge(int From, int To);

/// <summary>Places of nodes: a unit of Y is the least distance between two of a layer.</summary>
public readonly record struct GraphPoint(double X, double Y);

/// <summary>
/// Places the nodes of a directed graph in layers from left to right, so that edges go to the right, except one or more of each cycle.
/// After Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures" (1981): cycles are opened, layers are those of the longest
/// path from a source, and nodes of a layer are ordered by the mean place of their neighbours. The same graph always gives the same places, no two nodes one.
/// </summary>
/// <remarks>Edges that pass layers have no nodes there, as the usual way has it: of 50,000 edges these would be more than anything else, and edges are drawn straight.</remarks>
public sealed class LayeredLayout
{
    /// <summary>After these, orders of real call graphs hardly change any more.</summary>
    const int OrderSweeps = 12;

    const int PlaceSweeps = 6;

    /// <summary>Width over height, about that of a screen.</summary>
    const double Aspect = 1.6;

    readonly int[] layerOf;
    readonly int[][] layers;
    readonly Neighbours sources, targets;
    readonly double[] y;

    LayeredLayout(int nodes, IReadOnlyList<GraphEdge> edges)
    {
        var forward = Acyclic(nodes, edges);
        (sources, targets) = (new Neighbours(nodes, forward, toSources: true), new Neighbours(nodes, forward, toSources: false));
        layerOf = LongestPaths(nodes);
        layers = new int[nodes == 0 ? 0 : layerOf.Max() + 1][];
        foreach (var layer in Enumerable.Range(0, nodes).GroupBy(node => layerOf[node])) layers[layer.Key] = [.. layer];
        y = new double[nodes];
        Order(forward);
        Place();
    }

    /// <summary>Of each node, the number of its layer, from the left.</summary>
    public IReadOnlyList<int> Layers => layerOf;

    /// <summary>Of each node, where it is.</summary>
    public GraphPoint[] Points()
    {
        var height = y.Length == 0 ? 0 : y.Max() - y.Min();
        var step = layers.Length < 2 ? 1 : Math.Max(1, Aspect * height / (layers.Length - 1));
        return [.. y.Select((at, node) => new GraphPoint(layerOf[node] * step, at))];
    }

    /// <param name="nodes">They are numbered from 0; of equal ones those of smaller numbers come first, so that heavy ones should have small numbers.</param>
    /// <param name="edges">Those from a node to itself count for nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">An edge names a node that there is not.</exception>
    public static LayeredLayout Of(int nodes, IReadOnlyList<GraphEdge> edges)
    {
        foreach (var (from, to) in edges)
            if ((uint)from >= (uint)nodes || (uint)to >= (uint)nodes) throw new ArgumentOutOfRangeException(nameof(edges), $"expected nodes from 0 to {nodes - 1}, saw an edge from {from} to {to}");
        return new LayeredLayout(nodes, edges);
    }

    /// <summary>The edges with those turned round that lead back to a node from which a walk in depth came. It begins with nodes that nothing leads to.</summary>
    static GraphEdge[] Acyclic(int nodes, IReadOnlyList<GraphEdge> edges)
    {
        var apart = edges.Where(edge => edge.From != edge.To).Distinct().ToArray();
        var targets = new Neighbours(nodes, apart, toSources: false);
        var isTarget = new bool[nodes];
        foreach (var edge in apart) isTarget[edge.To] = true;
        // When a node's walk began and ended: an edge leads back where its target's walk encloses its source's.
        var (begins, ends) = (new int[nodes], new int[nodes]);
        var clock = 0;
        var path = new Stack<(int Node, int Next)>();
        foreach (var start in Enumerable.Range(0, nodes).OrderBy(node => isTarget[node]))
        {
            if (begins[start] == 0) Enter(start);
            while (path.TryPop(out var at))
            {
                var called = targets[at.Node];
                if (at.Next == called.Length)
                {
                    ends[at.Node] = ++clock;
                    continue;
                }
                path.Push((at.Node, at.Next + 1));
                if (begins[called[at.Next]] == 0) Enter(called[at.Next]);
            }
        }
        return [.. apart.Select(edge => begins[edge.To] < begins[edge.From] && ends[edge.To] > ends[edge.From] ? new GraphEdge(edge.To, edge.From) : edge).Distinct()];

        void Enter(int node)
        {
            begins[node] = ++clock;
            path.Push((node, 0));
        }
    }

    int[] LongestPaths(int nodes)
    {
        var (layer, waitsFor) = (new int[nodes], new int[nodes]);
        var ready = new Queue<int>();
        for (var node = 0; node < nodes; node++)
        {
            waitsFor[node] = sources[node].Length;
            if (waitsFor[node] == 0) ready.Enqueue(node);
        }
        while (ready.TryDequeue(out var node))
        {
            foreach (var target in targets[node])
            {
                layer[target] = Math.Max(layer[target], layer[node] + 1);
                if (--waitsFor[target] == 0) ready.Enqueue(target);
            }
        }
        return layer;
    }

    /// <summary>Sorts each layer by the mean place of its nodes' neighbours in layers before it, then in those behind it, and so on, and keeps the order that crosses least.</summary>
    void Order(GraphEdge[] edges)
    {
        var crossings = new Crossings(layerOf, layers.Length, edges);
        for (var layer = 0; layer < layers.Length; layer++) Spread(layers[layer]);
        var (best, least) = (layers.Select(layer => layer.ToArray()).ToArray(), crossings.Count(layers));
        for (var sweep = 0; sweep < OrderSweeps && least > 0; sweep++)
        {
            var rightward = sweep % 2 == 0;
            for (var at = 0; at < layers.Length; at++)
            {
                var layer = layers[rightward ? at : layers.Length - 1 - at];
                // Those without neighbours stay where they are.
                var keys = Array.ConvertAll(layer, node => MeanOf(rightward ? sources[node] : targets[node]) ?? y[node]);
                var order = layer.Select((node, index) => (Key: keys[index], Index: index, Node: node)).ToArray();
                Array.Sort(order, static (a, b) => a.Key != b.Key ? a.Key.CompareTo(b.Key) : a.Index.CompareTo(b.Index));
                for (var index = 0; index < layer.Length; index++) layer[index] = order[index].Node;
                Spread(layer);
            }
            var now = crossings.Count(layers);
            if (now >= least) continue;
            least = now;
            for (var layer = 0; layer < layers.Length; layer++) layers[layer].CopyTo(best[layer], 0);
        }
        for (var layer = 0; layer < layers.Length; layer++) best[layer].CopyTo(layers[layer], 0);
    }

    /// <summary>Puts the nodes of a layer one after the other, around the middle.</summary>
    void Spread(int[] layer)
    {
        for (var index = 0; index < layer.Length; index++) y[layer[index]] = index - (layer.Length - 1) / 2.0;
    }

    /// <summary>Moves each node towards its neighbours, as far as the order and the distances of its layer allow.</summary>
    void Place()
    {
        foreach (var layer in layers) Spread(layer);
        for (var sweep = 0; sweep < PlaceSweeps; sweep++)
        {
            var rightward = sweep % 2 == 0;
            for (var at = 0; at < layers.Length; at++)
            {
                var layer = layers[rightward ? at : layers.Length - 1 - at];
                var wanted = Array.ConvertAll(layer, node => MeanOf(rightward ? sources[node] : targets[node]) ?? y[node]);
                KeepApart(layer, wanted);
            }
        }
    }

    /// <summary>
    /// The places nearest to the wanted ones, by the sum of squares, whose distances are one or more: without these distances, places must not fall from one to the next,
    /// and what does is pooled to its mean (pool adjacent violators).
    /// </summary>
    void KeepApart(int[] layer, double[] wanted)
    {
        var pools = new List<(double Sum, int Nodes)>(layer.Length);
        for (var index = 0; index < layer.Length; index++)
        {
            pools.Add((wanted[index] - index, 1));
            while (pools.Count > 1 && pools[^2].Sum / pools[^2].Nodes >= pools[^1].Sum / pools[^1].Nodes)
            {
                var last = pools[^1];
                pools.RemoveAt(pools.Count - 1);
                CollectionsMarshal.AsSpan(pools)[^1] = (pools[^1].Sum + last.Sum, pools[^1].Nodes + last.Nodes);
            }
        }
        var node = 0;
        foreach (var (sum, nodes) in pools)
            for (var i = 0; i < nodes; i++, node++) y[layer[node]] = sum / nodes + node;
    }

    double? MeanOf(ReadOnlySpan<int> nodes)
    {
        if (nodes.Length == 0) return null;
        var sum = 0.0;
        foreach (var node in nodes) sum += y[node];
        return sum / nodes.Length;
    }

    /// <summary>Of each node, those that edges lead to, or come from.</summary>
    sealed class Neighbours
    {
        readonly int[] firsts, nodes;

        public Neighbours(int nodeCount, GraphEdge[] edges, bool toSources)
        {
            firsts = new int[nodeCount + 1];
            nodes = new int[edges.Length];
            foreach (var (from, to) in edges) firsts[(toSources ? to : from) + 1]++;
            for (var node = 0; node < nodeCount; node++) firsts[node + 1] += firsts[node];
            var next = firsts.AsSpan(0, nodeCount).ToArray();
            foreach (var (from, to) in edges)
            {
                if (toSources) nodes[next[to]++] = from;
                else nodes[next[from]++] = to;
            }
        }

        public ReadOnlySpan<int> this[int node] => nodes.AsSpan(firsts[node], firsts[node + 1] - firsts[node]);
    }

    /// <summary>Counts how often edges between the same two layers cross.</summary>
    sealed class Crossings
    {
        readonly GraphEdge[][] groups;
        readonly int[] places, sums;

        public Crossings(int[] layerOf, int layers, GraphEdge[] edges)
        {
            groups = [.. edges.GroupBy(edge => (long)layerOf[edge.From] * layers + layerOf[edge.To]).Select(group => group.ToArray())];
            places = new int[layerOf.Length];
            sums = new int[layerOf.Length + 1];
        }

        public long Count(int[][] layers)
        {
            foreach (var layer in layers)
                for (var index = 0; index < layer.Length; index++) places[layer[index]] = index;
            var crossings = 0L;
            foreach (var group in groups)
            {
                Array.Sort(group, (a, b) => places[a.From] != places[b.From] ? places[a.From].CompareTo(places[b.From]) : places[a.To].CompareTo(places[b.To]));
                // A tree of sums (Fenwick) tells how many of the edges so far end beyond the end of this one.
                for (var index = 0; index < group.Length; index++)
                {
                    crossings += index - UpTo(places[group[index].To]);
                    Add(places[group[index].To], 1);
                }
                foreach (var edge in group) Add(places[edge.To], -1);
            }
            return crossings;
        }

        void Add(int place, int edges)
        {
            for (var at = place + 1; at < sums.Length; at += at & -at) sums[at] += edges;
        }

        int UpTo(int place)
        {
            var sum = 0;
            for (var at = place + 1; at > 0; at -= at & -at) sum += sums[at];
            return sum;
        }
    }
}
