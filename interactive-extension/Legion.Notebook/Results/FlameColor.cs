namespace Legion.Notebook;

/// <summary>What the colour of a span in a flame chart tells.</summary>
public enum FlameColor
{
    /// <summary>The same name has the same colour everywhere.</summary>
    Name,

    /// <summary>From blue for a microsecond to red for ten seconds.</summary>
    Duration,

    /// <summary>How many spans are around it.</summary>
    Depth,
}
