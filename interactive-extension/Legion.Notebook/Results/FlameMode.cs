namespace Legion.Notebook;

/// <summary>How spans are laid out in a flame chart. Async spans, which have no call path, are only in a timeline.</summary>
public enum FlameMode
{
    /// <summary>One by one, by time.</summary>
    Timeline,

    /// <summary>Merged by their call paths, for each thread; as wide as their time in total, the heaviest left.</summary>
    LeftHeavy,

    /// <summary>Of one function, its callers above and what it calls below, each merged; as wide as their time in total.</summary>
    Sandwich,
}

/// <summary>Modes as magics and links write them.</summary>
static class FlameModeText
{
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<FlameMode>().Select(Word)];

    public static string Word(this FlameMode mode) => mode switch
    {
        FlameMode.LeftHeavy => "left-heavy",
        FlameMode.Sandwich => "sandwich",
        _ => "timeline",
    };

    /// <summary>Null where the text names none.</summary>
    public static FlameMode? Of(string text) =>
        Enum.GetValues<FlameMode>().Cast<FlameMode?>().FirstOrDefault(mode => mode!.Value.Word().Equals(text, StringComparison.OrdinalIgnoreCase));
}
