using Legion.Format;

namespace Legion.Cli.Generate;

/// <summary>Places in a made-up program: what each costs, and what it calls at which depth.</summary>
static class GeneratedSites
{
    static readonly string[] subjects =
    [
        "Frame", "Physics", "Render", "Audio", "Animation", "Network", "Assets", "Scene", "Script", "Input",
        "Particles", "Terrain", "Shadow", "Navigation", "Storage", "Query", "Session", "Cache", "Index", "Job",
    ];

    static readonly string[] verbs = ["Update", "Begin", "Load", "Build", "Submit", "Resolve", "Collect", "Sort", "Merge", "Decode"];

    /// <summary>The 200 sites, from those that tend to be outermost to those that tend to be innermost.</summary>
    public static Site[] All { get; } =
    [
        .. verbs.SelectMany((verb, v) => subjects.Select((subject, s) =>
            new Site($"{subject}.{verb}", $"game::{subject.ToLowerInvariant()}", $"src/{subject.ToLowerInvariant()}/{verb.ToLowerInvariant()}.cs", 10 + 17 * s + 3 * v))),
    ];
}
