using Legion.Format;

namespace Legion.Sdk;

/// <summary>From which level on logs are recorded, by target: the longest name that is the target's or a part of it from its begin counts.</summary>
static class Verbosity
{
    static readonly Lock changing = new();
    static IReadOnlyDictionary<string, Level> levels = new Dictionary<string, Level>();
    static Level rest = Level.Trace;

    /// <summary>The level for a target.</summary>
    public static Level Of(string target)
    {
        lock (changing)
        {
            var (longest, level) = (-1, rest);
            foreach (var (name, ofName) in levels)
            {
                var isPart = target.StartsWith(name, StringComparison.Ordinal) && (target.Length == name.Length || target[name.Length] == '.');
                if (isPart && name.Length > longest) (longest, level) = (name.Length, ofName);
            }
            return level;
        }
    }

    /// <summary>Sets the level of all targets but those named.</summary>
    public static void Set(Level minimum, IReadOnlyDictionary<string, Level> byTarget)
    {
        lock (changing)
        {
            levels = byTarget;
            rest = minimum;
        }
        DeclarationTable.ForEach(static declaration => declaration.MinimumLevel = Of(declaration.Template?.Site.Target ?? declaration.Site.Target));
        LogSite.TakeLevels();
    }
}
