using System.Text.RegularExpressions;

namespace Legion.Kernel.Cells.Packages;

/// <summary>A package as a cell asks for it: <c>#r "nuget: Id, Version"</c>.</summary>
/// <param name="Version">As NuGet reads it in a project, a range or a pattern too; null: the newest that is no prerelease.</param>
sealed partial record PackageRequest(string Id, string? Version)
{
    const string Prefix = "nuget:";

    /// <summary>Whether it names one version, and not several that would do.</summary>
    bool NamesOne => Version is not null && PlainPattern().IsMatch(Version);

    /// <summary>What it stands for may be another version tomorrow.</summary>
    public bool IsOpen => Version is null || Version.Contains('*');

    public static bool Is(CellDirective directive) => !directive.IsLoad && directive.Value.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    /// <exception cref="DirectiveException">It names no package.</exception>
    public static PackageRequest Read(CellDirective directive)
    {
        var parts = directive.Value[Prefix.Length..].Split(',', 2, StringSplitOptions.TrimEntries);
        if (!IdPattern().IsMatch(parts[0]) || parts.Length == 2 && !VersionPattern().IsMatch(parts[1]))
            throw new DirectiveException($"cannot read '{directive.Value}': expected \"nuget: Id\" or \"nuget: Id, Version\"", directive.Line, directive.Column);
        return new(parts[0], parts.Length == 2 ? parts[1] : null);
    }

    /// <summary>Whether the version that NuGet took is the one that was asked for. Of a range it knows better.</summary>
    public bool IsMetBy(string version) => !NamesOne || Normalized(Version!).Equals(Normalized(version), StringComparison.OrdinalIgnoreCase);

    public override string ToString() => Version is null ? Id : $"{Id} {Version}";

    // 1.2, 1.2.0, 1.2.0.0 and 1.02+build are one version.
    static string Normalized(string version)
    {
        var parts = version.Split('+')[0].Split('-', 2);
        var numbers = parts[0].Split('.').Select(int.Parse).Concat([0, 0, 0]).Take(4);
        return $"{string.Join('.', numbers)}{(parts.Length == 2 ? $"-{parts[1]}" : "")}";
    }

    [GeneratedRegex(@"^\w+([.-]\w+)*$")]
    private static partial Regex IdPattern();

    [GeneratedRegex(@"^[0-9A-Za-z.*\-+\[\](), ]+$")]
    private static partial Regex VersionPattern();

    [GeneratedRegex(@"^\d{1,9}(\.\d{1,9}){0,3}(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$")]
    private static partial Regex PlainPattern();
}

/// <summary>NuGet did not give what was asked for.</summary>
/// <param name="problem">What it said.</param>
/// <param name="package">The package that this is about; null where it is about none.</param>
sealed class PackageException(string problem, string? package = null, Exception? cause = null) : Exception(problem, cause)
{
    public string? Package => package;
}
