using Legion.Format;

namespace Legion.Tests.Format;

/// <summary>A span as a reader of FORMAT.md sees it; an end that no block has is null.</summary>
sealed record SpanRow(ulong Id, ulong? Parent, int Depth, long BeginNs, long? EndNs, string? Name)
{
    /// <summary>Rows of a stream's consecutive blocks in the order in which the spans end, those still open last.</summary>
    public static IReadOnlyList<SpanRow> Read(Schema schema, IEnumerable<Block> blocks)
    {
        var rows = new List<SpanRow>();
        var open = new List<SpanRow>();
        foreach (var block in blocks)
        {
            if ((block.Header.Flags & BlockFlags.StackOmitted) == 0)
            {
                rows.AddRange(open.Where(span => !block.Header.OpenSpans.Any(still => still.Ordinal == span.Id)));
                open.Clear();
                foreach (var span in block.Header.OpenSpans) open.Add(Child(open, span.Ordinal, span.BeginNs, NameOf(block, span.Name, span.Site)));
            }
            var events = block.ReadEvents(schema);
            while (events.Next())
            {
                var type = events.Current.Type;
                var body = events.Current.Body;
                if (type.Name == WellKnown.SpanEnd)
                {
                    rows.Add(open[^1] with { EndNs = Time(block, type, body) });
                    open.RemoveAt(open.Count - 1);
                }
                else if (type.Name is WellKnown.SpanBegin or WellKnown.SpanBeginDynamic)
                {
                    var site = type.Find("site")!.ReadReference(body);
                    open.Add(Child(open, events.Current.Ordinal, Time(block, type, body), NameOf(block, type.Find("name")?.ReadString(body), site)));
                }
            }
        }
        return [.. rows, .. open];
    }

    static SpanRow Child(List<SpanRow> open, ulong id, long beginNs, string? name) =>
        new(id, open.Count == 0 ? null : open[^1].Id, open.Count, beginNs, null, name);

    static long Time(Block block, EventType type, ReadOnlySpan<byte> body) => block.Header.Clock.Ns(type.FindRole(FieldRole.Time)?.ReadU64(body) ?? type.Find("tick")!.ReadU64(body));

    static string? NameOf(Block block, string? name, uint site) => string.IsNullOrEmpty(name) ? block.Dependencies.Site(site)?.Name : name;
}
