using System.Globalization;

namespace Legion.Lakehouse;

/// <summary>What the condition of a policy may ask of a span: its name, and where it stands in code.</summary>
readonly record struct SpanSite(string Name, string Target, string File, int Line)
{
    /// <param name="site">As partitions of <c>spans</c> store it.</param>
    public static SpanSite Of(string name, string site)
    {
        var parts = site.Split(SpanDecoder.SiteSeparator);
        return new SpanSite(name, parts[0], parts[1], int.Parse(parts[2], CultureInfo.InvariantCulture));
    }
}
