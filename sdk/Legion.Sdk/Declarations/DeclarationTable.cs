using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// All declarations of the program, by id, only ever appended to. A small cache in front finds the declaration of a call site
/// by the references of its literals; two call sites that share a place in it cost a dictionary look-up each time, no more.
/// </summary>
static class DeclarationTable
{
    const int CacheSize = 4096;

    /// <summary>A call site that passes more names than this passes names that are not static: spans then carry theirs, metrics go by one name.</summary>
    const int MostNamesOfASite = 1024;

    /// <summary>Stands in the place of a unit for what is the text of a log and not the name of a metric.</summary>
    const string TextUnit = "\0text";

    const string TooManyNames = "(too many names)";

    static readonly Declaration[] cache = MakeCache();
    static readonly ConcurrentDictionary<(string Name, string File, int Line, string Unit), Declaration> byName = new();
    static readonly ConcurrentDictionary<(string File, int Line), int> namesOfSite = new();
    static readonly ConcurrentDictionary<Template, Declaration> byTemplate = new();
    static readonly ConcurrentDictionary<(Site Site, string Unit), Declaration> bySite = new();
    static readonly Lock appending = new();
    static Declaration[] byId = MakeTable();

    static DefinitionFile? kept;

    /// <summary>The first is that of sites which nobody has made.</summary>
    static uint count = 1;

    /// <summary>The declaration of a span or metric.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Declaration Find(string name, string file, int line, string unit)
    {
        var known = Unsafe.Add(ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(cache), Place(name, line));
        return known.IsFor(name, file, line, unit) ? known : FindSlowly(name, file, line, unit);
    }

    /// <summary>The declaration of a span whose name is given with each call.</summary>
    public static Declaration FindDynamic(string file, int line) =>
        byName.TryGetValue(("", file, line, ""), out var known) ? known : Declare("", file, line, "");

    /// <summary>The declaration of a metric; of <see cref="TooManyNames"/> where the call site has had too many to declare each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Declaration FindMetric(string name, string file, int line, string unit)
    {
        var declaration = Find(name, file, line, unit);
        return declaration.NameIsDynamic ? Find(TooManyNames, file, line, unit) : declaration;
    }

    /// <summary>The declaration of a site that the program makes once and keeps: equal sites share one.</summary>
    public static Declaration FindSite(string name, string target, string file, int line, string unit = "")
    {
        var site = new Site(name, target, file, line);
        return bySite.TryGetValue((site, unit), out var known) ? known : Declare(site, unit);
    }

    /// <summary>The same for a log without holes.</summary>
    public static Declaration FindTextSite(string text, string target, string file, int line) =>
        FindTemplate(LogSite.Escaped(text), 0, target, file, line);

    public static Declaration FindTemplate(string text, int holes, string file, int line) => FindTemplate(text, holes, Target(file), file, line);

    public static Declaration FindTemplate(string text, int holes, string target, string file, int line)
    {
        var template = new Template(text, new Site("", target, file, line));
        return byTemplate.TryGetValue(template, out var known) ? known : Declare(template, holes);
    }

    /// <summary>A declaration of its own for a template that the caller keeps.</summary>
    public static Declaration DeclareTemplate(Template template, int holes, IReadOnlyList<Property> properties)
    {
        lock (appending) return Append(id => new Declaration(id, template.Site) { Template = template, Holes = holes, Properties = properties });
    }

    /// <summary>The declaration of a log whose text is given whole; of a template with one hole where the call site has had too many texts.</summary>
    public static Declaration FindText(string text, string file, int line)
    {
        var declaration = Find(text, file, line, TextUnit);
        return declaration.Template is null ? FindTemplate("{message}", 1, file, line) : declaration;
    }

    /// <summary>The declaration with the id, which a record named.</summary>
    public static Declaration Get(uint id) => Volatile.Read(ref byId)[id];

    /// <summary>Keeps all declarations in the file, those to come as well.</summary>
    public static void Keep(DefinitionFile file)
    {
        lock (appending)
        {
            for (var id = 0; id < count; id++) file.Add(byId[id]);
            kept = file;
        }
    }

    /// <summary>Ends that, unless another recording's file is kept by now.</summary>
    public static void StopKeeping(DefinitionFile file)
    {
        lock (appending)
        {
            if (kept == file) kept = null;
        }
    }

    /// <summary>The same; null where there is none.</summary>
    public static Declaration? TryGet(uint id) => Volatile.Read(ref byId) is var table && id < (uint)table.Length ? table[id] : null;

    /// <summary>Does something to each declaration there is; none is added meanwhile.</summary>
    public static void ForEach(Action<Declaration> action)
    {
        lock (appending)
        {
            for (var id = 0; id < count; id++) action(byId[id]);
        }
    }

    /// <summary>The last part of the file's name, by convention the name of the type that it declares.</summary>
    public static string Target(string file) => Path.GetFileNameWithoutExtension(file.AsSpan(file.LastIndexOf('\\') + 1)).ToString();

    /// <summary>By address, which changes when the garbage collector moves the string: that costs one look-up.</summary>
    static int Place(string name, int line) => (int)((Unsafe.As<string, nint>(ref name) >> 3) + line * 37 & CacheSize - 1);

    [MethodImpl(MethodImplOptions.NoInlining)]
    static Declaration FindSlowly(string name, string file, int line, string unit)
    {
        var declaration = byName.TryGetValue((name, file, line, unit), out var known) ? known : Declare(name, file, line, unit);
        if (declaration.IsFor(name, file, line, unit)) cache[Place(name, line)] = declaration;
        return declaration;
    }

    static Declaration Declare(string name, string file, int line, string unit)
    {
        lock (appending)
        {
            if (byName.TryGetValue((name, file, line, unit), out var known)) return known;
            var names = namesOfSite.GetValueOrDefault((file, line));
            if (name.Length > 0 && names >= MostNamesOfASite && !ReferenceEquals(name, TooManyNames))
                return byName.TryGetValue(("", file, line, unit), out var dynamic) ? dynamic : Declare("", file, line, unit);
            namesOfSite[(file, line)] = names + 1;
            var template = unit == TextUnit && name.Length > 0 ? new Template(LogSite.Escaped(name), new Site("", Target(file), file, line)) : null;
            var declaration = Append(id => new Declaration(id, new Site(name, Target(file), file, line))
            {
                Unit = unit, NameIsDynamic = name.Length == 0, Template = template,
            });
            byName[(name, file, line, unit)] = declaration;
            return declaration;
        }
    }

    static Declaration Declare(Site site, string unit)
    {
        lock (appending)
        {
            if (bySite.TryGetValue((site, unit), out var known)) return known;
            var declaration = Append(id => new Declaration(id, site) { Unit = unit, NameIsDynamic = site.Name.Length == 0 });
            bySite[(site, unit)] = declaration;
            return declaration;
        }
    }

    static Declaration Declare(Template template, int holes)
    {
        lock (appending)
        {
            if (byTemplate.TryGetValue(template, out var known)) return known;
            var declaration = Append(id => new Declaration(id, template.Site) { Template = template, Holes = holes });
            byTemplate[template] = declaration;
            return declaration;
        }
    }

    static Declaration Append(Func<uint, Declaration> make)
    {
        var table = byId;
        if (count == table.Length) Array.Resize(ref table, 2 * table.Length);
        var declaration = make(count);
        declaration.MinimumLevel = Verbosity.Of(declaration.Template?.Site.Target ?? declaration.Site.Target);
        table[count++] = declaration;
        kept?.Add(declaration);
        Volatile.Write(ref byId, table);
        return declaration;
    }

    static Declaration[] MakeTable()
    {
        var made = new Declaration[256];
        made[0] = Declaration.None;
        return made;
    }

    static Declaration[] MakeCache()
    {
        var made = new Declaration[CacheSize];
        Array.Fill(made, Declaration.None);
        return made;
    }
}
