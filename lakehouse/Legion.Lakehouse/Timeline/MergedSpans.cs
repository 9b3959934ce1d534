using System.Text.Json;

namespace Legion.Lakehouse.Timeline;

/// <summary>A frame of an answer.</summary>
/// <param name="Parent">Index of the frame around it in its tree, which comes before; -1 for a root.</param>
/// <param name="LeftOut">Call paths below it that are not in the answer.</param>
/// <param name="LeftOutNs">Time of those of them that it calls itself.</param>
public readonly record struct MergedFrame(int Parent, CallFrame Frame, int LeftOut, long LeftOutNs);

/// <summary>Frames with a root in common.</summary>
/// <param name="Title">Name of the thread; of a sandwich callers or callees.</param>
/// <param name="StreamId">The thread's stream of spans; null for a sandwich.</param>
/// <param name="TotalNs">Of all its roots, and those left out.</param>
/// <param name="Frames">Parents before their children, siblings with the heaviest first.</param>
/// <param name="LeftOut">Call paths that are not in the answer and have no frame above them that is.</param>
public sealed record MergedTree(string Title, Guid? StreamId, long TotalNs, IReadOnlyList<MergedFrame> Frames, int LeftOut, long LeftOutNs)
{
    /// <summary>Of several trees the heaviest frames. A frame is never heavier than the one around it, so that none is without it.</summary>
    internal static IReadOnlyList<MergedTree> Heaviest(IReadOnlyList<(string Title, Guid? StreamId, CallFrame Root)> trees, int most)
    {
        var shown = new HashSet<CallFrame>();
        var waiting = new PriorityQueue<CallFrame, (long, int)>();
        var number = 0;
        foreach (var tree in trees) Wait(tree.Root);
        while (shown.Count < most && waiting.TryDequeue(out var frame, out _))
        {
            shown.Add(frame);
            Wait(frame);
        }
        return [.. trees.Select(Tree)];

        void Wait(CallFrame parent)
        {
            foreach (var child in parent.Children) waiting.Enqueue(child, (-child.TotalNs, number++));
        }

        MergedTree Tree((string Title, Guid? StreamId, CallFrame Root) tree)
        {
            var frames = new List<MergedFrame>();
            Add(tree.Root, -1);
            var (leftOut, leftOutNs) = LeftOutOf(tree.Root);
            return new MergedTree(tree.Title, tree.StreamId, tree.Root.Children.Sum(child => child.TotalNs), frames, leftOut, leftOutNs);

            void Add(CallFrame parent, int index)
            {
                foreach (var child in parent.Children)
                {
                    if (!shown.Contains(child)) continue;
                    var (below, belowNs) = LeftOutOf(child);
                    frames.Add(new MergedFrame(index, child, below, belowNs));
                    Add(child, frames.Count - 1);
                }
            }
        }

        (int Paths, long Ns) LeftOutOf(CallFrame parent)
        {
            var (paths, ns) = (0, 0L);
            foreach (var child in parent.Children)
            {
                if (shown.Contains(child)) continue;
                paths += PathsOf(child);
                ns += child.TotalNs;
            }
            return (paths, ns);
        }
    }

    static int PathsOf(CallFrame frame) => 1 + frame.Children.Sum(PathsOf);
}

/// <summary>What a merged flame chart shows: the heaviest frames, of each what is left out below it, and the names to choose from.</summary>
/// <param name="FromNs">Nanoseconds UTC.</param>
/// <param name="ToNs">Exclusive.</param>
/// <param name="Spans">All that were merged.</param>
/// <param name="Paths">All different call paths.</param>
/// <param name="Middle">Of a sandwich, the name in its middle; null otherwise.</param>
/// <param name="Trees">One for each thread; of a sandwich callers and callees.</param>
/// <param name="Functions">Names of most time, and of most self time.</param>
/// <param name="FunctionsLeftOut">Names that are not among them.</param>
public sealed record MergedSpans(
    long FromNs, long ToNs, long Spans, int Paths, CallFunction? Middle, IReadOnlyList<MergedTree> Trees, IReadOnlyList<CallFunction> Functions, int FunctionsLeftOut)
{
    /// <summary>Call paths that are not in the answer.</summary>
    public int LeftOut => Trees.Sum(tree => tree.LeftOut + tree.Frames.Sum(frame => frame.LeftOut));

    /// <summary>Writes the JSON object that browsers read. Durations are numbers: they fit for a hundred days.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        json.WriteStartObject();
        json.WriteInt64("from_ns", FromNs);
        json.WriteInt64("to_ns", ToNs);
        json.WriteNumber("spans", Spans);
        json.WriteNumber("paths", Paths);
        json.WritePropertyName("middle");
        if (Middle is { } middle) Write(middle);
        else json.WriteNullValue();
        json.WriteStartArray("trees");
        foreach (var tree in Trees)
        {
            json.WriteStartObject();
            json.WriteString("title", tree.Title);
            json.WriteString("stream_id", tree.StreamId?.ToString());
            json.WriteNumber("total_ns", tree.TotalNs);
            json.WriteNumber("left_out", tree.LeftOut);
            json.WriteNumber("left_out_ns", tree.LeftOutNs);
            json.WriteStartArray("frames");
            foreach (var (parent, frame, leftOut, leftOutNs) in tree.Frames) WriteNumbers(parent, NumberOf(frame.Name), frame.Count, frame.TotalNs, frame.SelfNs, leftOut, leftOutNs);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("functions");
        foreach (var function in Functions) Write(function);
        json.WriteEndArray();
        json.WriteNumber("functions_left_out", FunctionsLeftOut);
        json.WriteStartArray("names");
        foreach (var name in numbers.OrderBy(name => name.Value)) json.WriteStringValue(name.Key);
        json.WriteEndArray();
        json.WriteEndObject();

        void Write(CallFunction function) => WriteNumbers(NumberOf(function.Name), function.Count, function.TotalNs, function.SelfNs);

        int NumberOf(string name)
        {
            if (!numbers.TryGetValue(name, out var number)) numbers.Add(name, number = numbers.Count);
            return number;
        }

        void WriteNumbers(params ReadOnlySpan<long> values)
        {
            json.WriteStartArray();
            foreach (var value in values) json.WriteNumberValue(value);
            json.WriteEndArray();
        }
    }
}
