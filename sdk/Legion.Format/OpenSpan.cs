namespace Legion.Format;

/// <summary>
/// A span that is open at the first event of a block, as the block's header names it.
/// With it depth, parent and begin of every span of the block are known without an earlier block.
/// </summary>
public sealed record OpenSpan
{
    /// <summary>Ordinal of the event that began the span: its id.</summary>
    public required ulong Ordinal { get; init; }

    public required ulong BeginTick { get; init; }

    /// <summary>Nanoseconds UTC, by the knots that enclose <see cref="BeginTick"/>, which this block may no longer carry.</summary>
    public required long BeginNs { get; init; }

    /// <summary>Ticks spent in children that have ended before the block.</summary>
    public ulong ChildTicks { get; init; }

    /// <summary>Reference into the block's sites.</summary>
    public uint Site { get; init; } = FormatLimits.NoReference;

    /// <summary>The name where it is dynamic; otherwise empty, and the site's counts.</summary>
    public string Name { get; init; } = "";

    /// <summary>The span's own arguments.</summary>
    public IReadOnlyList<Property> Arguments { get; init; } = [];

    /// <summary>How many of the header's open contexts, from the outermost, were open when the span began: their properties are the span's.</summary>
    public uint ContextDepth { get; init; }

    /// <summary>Four u64, two u32, an empty name, an empty argument list.</summary>
    const int LeastBytes = 48;

    internal static void WriteStack(ByteWriter writer, IReadOnlyList<OpenSpan> stack)
    {
        writer.U32((uint)stack.Count);
        foreach (var span in stack)
        {
            writer.U64(span.Ordinal);
            writer.U64(span.BeginTick);
            writer.I64(span.BeginNs);
            writer.U64(span.ChildTicks);
            writer.U32(span.Site);
            writer.U32(span.ContextDepth);
            writer.String(span.Name);
            Property.WriteList(writer, span.Arguments.ToArray());
        }
    }

    internal static OpenSpan[] ReadStack(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes, "open-span stack");
        var stack = new OpenSpan[reader.Count(LeastBytes)];
        for (var i = 0; i < stack.Length; i++)
        {
            stack[i] = new OpenSpan
            {
                Ordinal = reader.U64(),
                BeginTick = reader.U64(),
                BeginNs = reader.I64(),
                ChildTicks = reader.U64(),
                Site = reader.U32(),
                ContextDepth = reader.U32(),
                Name = reader.String(),
                Arguments = Property.ReadList(ref reader),
            };
            if (i > 0 && stack[i].Ordinal <= stack[i - 1].Ordinal)
                throw new InvalidDataException($"open-span stack: expected ascending ordinals, saw {stack[i].Ordinal} after {stack[i - 1].Ordinal}");
        }
        reader.End();
        return stack;
    }
}
