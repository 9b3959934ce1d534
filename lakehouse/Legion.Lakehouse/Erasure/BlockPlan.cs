using Legion.Format;
using Legion.Lakehouse.OpenTelemetry;

namespace Legion.Lakehouse;

/// <summary>How a block is to be rewritten.</summary>
/// <param name="Erased">Events that go.</param>
/// <param name="RestsOnOthers">An event goes only because an event of another block says so.</param>
abstract record BlockPlan(long Erased, bool RestsOnOthers)
{
    /// <summary>The schema of what is written.</summary>
    public virtual Schema SchemaFor(Schema schema) => schema;

    /// <summary>Writes the block anew, under its id.</summary>
    /// <param name="block">The one that the plan is of.</param>
    public abstract byte[] Apply(Block block, Schema schema);
}

/// <summary>Of a block of events.</summary>
/// <param name="Verdicts">One for each event and gap record, in their order.</param>
/// <param name="KeptSpans">One for each open span of the header.</param>
/// <param name="KeptContexts">One for each open context of the header.</param>
/// <param name="ChildTicks">By ordinal of an open span that stays: what ends in the block, was open before it and is erased, as time of its children.</param>
sealed record EventPlan(Verdict[] Verdicts, bool[] KeptSpans, bool[] KeptContexts, IReadOnlyDictionary<ulong, ulong> ChildTicks, bool RestsOnOthers)
    : BlockPlan(Verdicts.LongCount(verdict => verdict != Verdict.Keep), RestsOnOthers)
{
    public bool IsNeeded => Erased > 0 || KeptSpans.Contains(false) || KeptContexts.Contains(false);

    public override Schema SchemaFor(Schema schema) => BlockRewrite.SchemaFor(schema);

    public override byte[] Apply(Block block, Schema schema) => BlockRewrite.Apply(block, schema, this);
}

/// <summary>Of an export request of OpenTelemetry. Gap records have no place in one: what went is the difference between the events of the header and its ordinals.</summary>
/// <param name="Rest">What is left of the block's request.</param>
sealed record ExportPlan(long Erased, Func<Block, ErasedExport> Rest) : BlockPlan(Erased, RestsOnOthers: false)
{
    public override byte[] Apply(Block block, Schema schema)
    {
        var rest = Rest(block);
        return BlockWriter.OfOpenTelemetry(block.Header with { Events = rest.Events }, rest.Request);
    }
}

/// <summary>What becomes of an event.</summary>
enum Verdict : byte
{
    Keep,
    Erase,

    /// <summary>It begins an outermost erased span: its gap record begins here, to count as time of a child of the span around it.</summary>
    EraseBegin,

    /// <summary>It ends such a span, and its gap record.</summary>
    EraseEnd,
}
