namespace Legion.Lakehouse;

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

/// <summary>How a block is to be rewritten.</summary>
/// <param name="Verdicts">One for each event and gap record, in their order.</param>
/// <param name="KeptSpans">One for each open span of the header.</param>
/// <param name="KeptContexts">One for each open context of the header.</param>
/// <param name="ChildTicks">By ordinal of an open span that stays: what ends in the block, was open before it and is erased, as time of its children.</param>
/// <param name="RestsOnOthers">An event goes only because an event of another block says so.</param>
sealed record BlockPlan(Verdict[] Verdicts, bool[] KeptSpans, bool[] KeptContexts, IReadOnlyDictionary<ulong, ulong> ChildTicks, bool RestsOnOthers)
{
    public long Erased { get; } = Verdicts.LongCount(verdict => verdict != Verdict.Keep);

    public bool IsNeeded => Erased > 0 || KeptSpans.Contains(false) || KeptContexts.Contains(false);
}
