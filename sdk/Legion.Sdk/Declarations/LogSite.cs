using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// A place that logs interpolated strings: what the compiler says of one when it begins. The source generator knows the rest;
/// without it the pieces of the string are learnt when it is first evaluated.
/// </summary>
sealed class LogSite
{
    const int CacheSize = 4096;

    static readonly LogSite[] cache = MakeCache();
    static readonly ConcurrentDictionary<(string File, int Line, int Literals, int Holes), LogSite> known = new();
    static readonly Lock changing = new();

    readonly string file;
    readonly int line;
    readonly int holes;
    readonly ulong key;
    string target;
    bool isShared;
    bool isGenerated;

    /// <summary>Arguments are looked at by name: no call site takes the fast path, which has no names.</summary>
    static bool redacts;

    /// <summary>The key where the source generator knows the string; what no call site has otherwise.</summary>
    ulong generated = ulong.MaxValue;

    LogSite(string file, int line, int literalLength, int holes)
    {
        this.file = file;
        this.line = line;
        this.holes = holes;
        key = Key(line, literalLength, holes);
        target = DeclarationTable.Target(file);
    }

    /// <summary>Logs below this are not recorded; changes while the program runs.</summary>
    public Level MinimumLevel { get; private set; }

    /// <summary>Where learning begins; null where the source generator knows the string.</summary>
    public LogPiece? First { get; private set; } = new();

    /// <summary>A site that may be the one; <see cref="IsAt"/> tells.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LogSite Cached(string file, int line, int literalLength, int holes) =>
        Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(cache), Place(file, line, literalLength, holes));

    /// <summary>True for the very literals of the call site, as a compiler passes them: lines below 2²⁴, and up to 255 holes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsAt(string file, int line, int literalLength, int holes) => key == Key(line, literalLength, holes) && ReferenceEquals(this.file, file);

    /// <summary>The same for a call site of which the source generator knows the string.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsGeneratedAt(string file, int line, int literalLength, int holes) => generated == Key(line, literalLength, holes) && ReferenceEquals(this.file, file);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static LogSite Find(string file, int line, int literalLength, int holes)
    {
        if (Cached(file, line, literalLength, holes) is var cached && cached.IsAt(file, line, literalLength, holes)) return cached;
        if (!known.TryGetValue((file, line, literalLength, holes), out var site))
        {
            lock (changing) site = Declare(file, line, literalLength, holes);
        }
        // The same text in another string, as of another assembly, is looked up each time.
        if (ReferenceEquals(site.file, file)) cache[Place(file, line, literalLength, holes)] = site;
        return site;
    }

    /// <summary>The source generator has put its own call in the place of one here: it brings the template, and there is nothing to learn.</summary>
    public static void Generated(string target, string file, int line, int literalLength, int holes)
    {
        lock (changing)
        {
            var site = Declare(file, line, literalLength, holes);
            site.target = target;
            site.MinimumLevel = Verbosity.Of(target);
            if (site.isShared) return;
            site.First = null;
            site.isGenerated = true;
            if (!redacts) site.generated = site.key;
        }
    }

    /// <summary>Whether arguments are redacted from now on.</summary>
    public static void TakeRedaction(bool isNeeded)
    {
        lock (changing)
        {
            if (redacts == isNeeded) return;
            redacts = isNeeded;
            foreach (var site in known.Values) site.generated = site.isGenerated && !redacts ? site.key : ulong.MaxValue;
        }
    }

    /// <summary>Takes over the levels of <see cref="Verbosity"/>, which have changed.</summary>
    public static void TakeLevels()
    {
        lock (changing)
        {
            foreach (var site in known.Values) site.MinimumLevel = Verbosity.Of(site.target);
        }
    }

    /// <summary>The text with its braces doubled, so that they stand for themselves.</summary>
    public static string Escaped(string literal) => literal.Contains('{') || literal.Contains('}')
        ? literal.Replace("{", "{{").Replace("}", "}}")
        : literal;

    /// <summary>
    /// The declaration of the string that has just been evaluated. Null stands for one that nothing was learnt of because the generator knows another on this line:
    /// that one's holes go by number, and from the next on this place learns.
    /// </summary>
    public Declaration Learn(LogPiece? last)
    {
        if (last is not null) return last.Declaration = DeclarationTable.FindTemplate(last.TemplateText(), holes, file, line);
        lock (changing)
        {
            isShared = true;
            isGenerated = false;
            generated = ulong.MaxValue;
            First ??= new LogPiece();
        }
        return DeclarationTable.FindTemplate(string.Join(' ', Enumerable.Range(0, holes).Select(hole => $"{{{hole}}}")), holes, file, line);
    }

    static LogSite Declare(string file, int line, int literalLength, int holes)
    {
        if (known.TryGetValue((file, line, literalLength, holes), out var site)) return site;
        site = new LogSite(file, line, literalLength, holes);
        site.MinimumLevel = Verbosity.Of(site.target);
        return known[(file, line, literalLength, holes)] = site;
    }

    /// <summary>Known when the call is compiled, like all that it is made of.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Place(string file, int line, int literalLength, int holes) =>
        (int)((uint)(((file.Length * 31 + line) * 31 + literalLength) * 31 + holes) * 0x9E3779B1u >> 20);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong Key(int line, int literalLength, int holes) => (ulong)line << 40 | (ulong)(byte)holes << 32 | (uint)literalLength;

    static LogSite[] MakeCache()
    {
        var made = new LogSite[CacheSize];
        Array.Fill(made, new LogSite("", -1, -1, -1));
        return made;
    }
}
