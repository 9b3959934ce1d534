namespace Legion.Format;

/// <summary>A static place in code. <paramref name="Line"/> is 1-based, 0 where unknown.</summary>
public sealed record Site(string Name, string Target, string File, int Line);

/// <summary>The text of a log with holes (<c>{name,alignment:format}</c>, braces doubled to stand for themselves), and where it stands.</summary>
public sealed record Template(string Text, Site Site);
