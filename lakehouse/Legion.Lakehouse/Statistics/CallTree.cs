using System.Runtime.InteropServices;

namespace Legion.Lakehouse;

/// <summary>
/// Sums up the spans of a slot, as they are decoded, by the names on their stack: rows of <c>call_tree</c>.
/// What is beyond the limits of a thread's tree goes into nodes that say so, so that counts and self times add up all the same.
/// </summary>
sealed class CallTree(RowBuffer rows, Slot slot)
{
    /// <summary>Nodes of a thread in a slot. More of them nobody reads: then names hold numbers, or a recursion has no end.</summary>
    const int MostNodes = 50_000;

    const int MostDepth = 256;

    /// <summary>The name of the node of a parent that stands for children beyond the limits.</summary>
    public const string Other = "(other)";

    /// <summary>The name of the root of spans whose parents were lost.</summary>
    public const string Lost = "(lost)";

    struct Node
    {
        public int Parent, Depth, Name;
        public bool IsRecursive;
        public long Count, TotalNs, SelfNs;
    }

    readonly TextColumn processIds = rows.Text("process_id"), streamIds = rows.Text("stream_id"), threads = rows.Text("thread");
    readonly TextColumn paths = rows.Text("path"), parentPaths = rows.Text("parent_path"), names = rows.Text("name"), callers = rows.Text("caller");
    readonly ColumnBuffer<long> slots = rows.Get<long>("slot"), begins = rows.Get<long>("begin_ns"), ends = rows.Get<long>("end_ns");
    readonly ColumnBuffer<long> counts = rows.Get<long>("count"), totals = rows.Get<long>("total_ns"), selves = rows.Get<long>("self_ns");
    readonly ColumnBuffer<int> depths = rows.Get<int>("depth");
    readonly ColumnBuffer<bool> recursions = rows.Get<bool>("recursive");
    readonly List<Node> nodes = [];
    readonly List<string> nodeNames = [];
    readonly Dictionary<string, int> numberOf = new(StringComparer.Ordinal);

    /// <summary>Nodes by parent in the upper half, and the number of their name in the lower.</summary>
    readonly Dictionary<long, int> children = [];
    readonly List<(long Id, int Node)> path = [];
    (string Process, string Id, string Thread) stream = ("", "", "");
    int[] numberOfCode = [];

    /// <summary>Takes what a decoder wrote of a block, or less, of one stream.</summary>
    /// <param name="open">The spans that are open behind it, from the root.</param>
    public void Add(RowBuffer spans, IEnumerable<(long Id, string Name)> open)
    {
        if (spans.Count == 0) return;
        var (streamIdColumn, nameColumn) = (spans.Text("stream_id"), spans.Text("name"));
        if (streamIdColumn[0] != stream.Id)
        {
            Finish();
            stream = (spans.Text("process_id")[0]!, streamIdColumn[0]!, spans.Text("thread")[0]!);
        }
        path.Clear();
        foreach (var (id, name) in open) path.Add((id, Child(path.Count == 0 ? -1 : path[^1].Node, NumberOf(name))));
        var (ids, parentsBack) = (spans.Get<long>("span_id"), spans.Get<long>("parent_back"));
        var (durations, childTimes) = (spans.Get<long>("duration_ns"), spans.Get<long>("children_ns"));
        var depthValues = spans.Get<int>("depth").Values;
        var truncations = spans.Get<bool>("truncated").Values;
        var absent = durations.Absent;
        var texts = nameColumn.Texts;
        var codes = nameColumn.Codes;
        if (numberOfCode.Length < texts.Length) numberOfCode = new int[texts.Length];
        Array.Fill(numberOfCode, -1);
        // Rows come as spans end, children before their parents: backwards, each has its parent before it, or among the open ones.
        for (var row = codes.Length - 1; row >= 0; row--)
        {
            if ((!absent.IsEmpty && absent[row]) || truncations[row]) continue;
            var depth = depthValues[row];
            var parent = depth == 0 ? -1 : ParentOf(depth, ids[row] - parentsBack[row]);
            if (path.Count > depth) path.RemoveRange(depth, path.Count - depth);
            ref var number = ref numberOfCode[codes[row]];
            if (number < 0) number = NumberOf(texts[codes[row]]);
            var node = Child(parent, number);
            if (path.Count == depth) path.Add((ids[row], node));
            ref var sum = ref CollectionsMarshal.AsSpan(nodes)[node];
            var duration = durations[row];
            sum.Count++;
            sum.TotalNs += duration;
            sum.SelfNs += duration - childTimes[row];
        }
    }

    /// <summary>Writes the rows of the stream.</summary>
    public void Finish()
    {
        var texts = new string[nodes.Count];
        for (var index = 0; index < nodes.Count; index++)
        {
            var node = nodes[index];
            var name = nodeNames[node.Name];
            var parentPath = node.Parent < 0 ? "" : texts[node.Parent];
            texts[index] = node.Parent < 0 ? Escaped(name) : $"{parentPath};{Escaped(name)}";
            processIds.Add(stream.Process);
            streamIds.Add(stream.Id);
            threads.Add(stream.Thread);
            slots.Add(slot.Number);
            begins.Add(slot.FirstNs);
            ends.Add(slot.LastNs);
            paths.Add(texts[index]);
            if (node.Parent < 0)
            {
                parentPaths.AddNull();
                callers.AddNull();
            }
            else
            {
                parentPaths.Add(parentPath);
                callers.Add(nodeNames[nodes[node.Parent].Name]);
            }
            names.Add(name);
            depths.Add(node.Depth);
            recursions.Add(node.IsRecursive);
            counts.Add(node.Count);
            totals.Add(node.TotalNs);
            selves.Add(node.SelfNs);
        }
        nodes.Clear();
        children.Clear();
    }

    int ParentOf(int depth, long parentId)
    {
        if (path.Count >= depth && path[depth - 1].Id == parentId) return path[depth - 1].Node;
        return Child(-1, NumberOf(Lost));
    }

    int NumberOf(string name)
    {
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numberOf, name, out var exists);
        if (exists) return number;
        nodeNames.Add(name);
        return number = nodeNames.Count - 1;
    }

    int Child(int parent, int name)
    {
        if (children.TryGetValue(KeyOf(parent, name), out var known)) return known;
        var depth = parent < 0 ? 0 : nodes[parent].Depth + 1;
        if (nodes.Count >= MostNodes || depth >= MostDepth)
        {
            name = NumberOf(Other);
            if (parent >= 0 && nodes[parent].Name == name) return parent;
            if (children.TryGetValue(KeyOf(parent, name), out known)) return known;
        }
        var isRecursive = false;
        for (var above = parent; above >= 0 && !isRecursive; above = nodes[above].Parent) isRecursive = nodes[above].Name == name;
        children.Add(KeyOf(parent, name), nodes.Count);
        nodes.Add(new Node { Parent = parent, Depth = depth, Name = name, IsRecursive = isRecursive });
        return nodes.Count - 1;
    }

    static long KeyOf(int parent, int name) => (long)parent << 32 | (uint)name;

    static string Escaped(string name) => name.AsSpan().IndexOfAny('\\', ';') < 0 ? name : name.Replace("\\", "\\\\").Replace(";", "\\;");
}
