using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// What a call site says that never changes: its site, the unit of a metric, the template of a log.
/// Records name it by <see cref="Id"/>; it lives as long as the program.
/// </summary>
sealed class Declaration
{
    /// <summary>Equal to nothing that a call site passes; what sites stand for that nobody has made.</summary>
    public static Declaration None { get; } = new(0, new Site("", "", "", 0), new object()) { Template = new Template("", new Site("", "", "", 0)) };

    // Side by side and not behind the site, as each call compares them.
    readonly string name;
    readonly object file;
    readonly int line;

    public Declaration(uint id, Site site) : this(id, site, site.File)
    {
    }

    Declaration(uint id, Site site, object file)
    {
        Id = id;
        Site = site;
        name = site.Name;
        this.file = file;
        line = site.Line;
    }

    public uint Id { get; }

    public Site Site { get; }

    public string Unit { get; init; } = "";

    /// <summary>Of a log; null for spans and metrics.</summary>
    public Template? Template { get; init; }

    /// <summary>Logs below this are not recorded; changes while the program runs.</summary>
    public Level MinimumLevel { get; set; }

    /// <summary>Holes of the template.</summary>
    public int Holes { get; init; }

    /// <summary>Properties that each log of the template has.</summary>
    public IReadOnlyList<Property> Properties { get; init; } = [];

    /// <summary>True if the name is the call's and not the site's: the call site has had too many names to declare each.</summary>
    public bool NameIsDynamic { get; init; }

    /// <summary>True for the very strings that the call site passes: literals keep their references.</summary>
    public bool IsFor(string name, string file, int line, string unit) =>
        ReferenceEquals(this.name, name) && ReferenceEquals(this.file, file) && this.line == line && ReferenceEquals(Unit, unit);
}
