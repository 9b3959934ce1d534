namespace Legion.Store;

/// <summary>Of which processes there are, and what is told of them: equal where nothing has changed.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="Ended">How many of them have said that they ended.</param>
/// <param name="NewestNs">When the last of them was registered: one that is gone and one that has come are not the same.</param>
/// <param name="Records">The sum of what their versions are above whole millions.</param>
public readonly record struct ProcessSetVersion(long Count, long Ended, long NewestNs, long Records)
{
    /// <summary>As a page names it.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Count}-{Ended}-{NewestNs}-{Records}");
}
