using Legion.Lakehouse;
using Legion.Notebook.Grammar;

namespace Legion.Kernel.Cells;

/// <summary>A magic of the kernel itself. The parser, help, hover and completion all read this definition.</summary>
/// <param name="Word">With its <c>#!</c>.</param>
/// <param name="Summary">One line, lower case, no full stop.</param>
/// <param name="Argument">What is written behind the word; null: nothing.</param>
sealed record KernelMagic(string Word, string Summary, string? Argument = null)
{
    public static readonly KernelMagic Import = new("#!import", "runs a file: the C# of a .cs or .csx, the C# and legion cells of a .dib or .ipynb", "FILE");
    public static readonly KernelMagic Time = new("#!time", "says how long the lines below took");
    public static readonly KernelMagic Who = new("#!who", "lists the names of the variables");
    public static readonly KernelMagic Whos = new("#!whos", "lists the variables with their types and values");
    public static readonly KernelMagic List = new("#!lsmagic", "lists the magics");

    public static IReadOnlyList<KernelMagic> All { get; } = [Import, Time, Who, Whos, List];

    public string Usage => Argument is null ? Word : $"{Word} {Argument}";

    public override string ToString() => $"{Usage}\n{Summary}";

    /// <summary>The magic on a line; null where it is none of ours.</summary>
    public static KernelMagic? On(string line) => All.FirstOrDefault(magic => magic.Word == FirstWord(line));

    /// <summary>Reads a line that begins with <c>#!</c> and is not the lake's.</summary>
    /// <exception cref="DirectiveException">It cannot run as it is written.</exception>
    public static KernelMagicCall Read(CellSegment segment)
    {
        var line = segment.Text.Split('\n')[0].TrimEnd();
        var indent = line.Length - line.TrimStart().Length;
        var word = FirstWord(line);
        var magic = On(line) ?? throw new DirectiveException(
            $"unknown magic '{word}'{NearestName.Suggestion(word, [.. All.Select(known => known.Word), "#!legion", "#!legion-sql"])}", segment.FirstLine + 1, indent + 1);
        var rest = line[(indent + word.Length)..];
        var at = line.Length - rest.TrimStart().Length;
        var argument = rest.Trim();
        if (argument is ['"', .., '"'] or ['\'', .., '\''])
            argument = argument[1..^1];
        if (magic.Argument is null && argument.Length > 0)
            throw Error($"unexpected '{argument}': '{magic.Word}' takes nothing");
        if (magic.Argument is not null && argument.Length == 0)
            throw Error($"expected {magic.Argument} after '{magic.Word}'", beyond: 1);
        return new(magic, argument, segment.FirstLine + 1, at + 1);

        DirectiveException Error(string problem, int beyond = 0) => new(problem, segment.FirstLine + 1, at + 1 + beyond) { Usage = magic.Usage };
    }

    /// <summary>Those that the word at the cursor could become, where it is the first of its line.</summary>
    /// <param name="cursor">Index into the line.</param>
    public static IEnumerable<CellCompletion> CompleteWord(string line, int cursor)
    {
        var typed = line[..cursor].TrimStart();
        return All.Where(magic => magic.Word.StartsWith(typed, StringComparison.Ordinal)).Select(magic => new CellCompletion(magic.Word, "magic"));
    }

    /// <summary>What could stand behind one of our words; null where the cursor is not behind one.</summary>
    /// <param name="cursor">Index into the line.</param>
    /// <param name="folder">What paths are relative to.</param>
    public static CellCompletions? CompleteArgument(string line, int cursor, string folder)
    {
        var start = line.Length - line.TrimStart().Length + FirstWord(line).Length;
        if (On(line) is not { } magic || cursor <= start)
            return null;
        while (start < cursor && char.IsWhiteSpace(line[start]))
            start++;
        return new(magic == Import ? Files(line[start..cursor], folder) : [], start, Math.Max(cursor, line.TrimEnd().Length));
    }

    // What can be imported, and folders on the way to it.
    static List<CellCompletion> Files(string typed, string folder)
    {
        var parent = typed[..(typed.LastIndexOfAny(['/', '\\']) + 1)];
        var place = Path.GetFullPath(parent.Length == 0 ? "." : parent, folder);
        if (!Directory.Exists(place))
            return [];
        return Directory.EnumerateDirectories(place).Select(path => new CellCompletion($"{parent}{Path.GetFileName(path)}/", "folder"))
            .Concat(Directory.EnumerateFiles(place).Where(ImportedFile.IsOne).Select(path => new CellCompletion(parent + Path.GetFileName(path), "file")))
            .Where(item => item.Text.StartsWith(typed, StringComparison.Ordinal))
            .OrderBy(item => item.Text, StringComparer.OrdinalIgnoreCase)
            .ToList();
    }

    static string FirstWord(string line)
    {
        var text = line.TrimStart();
        var end = text.AsSpan().IndexOfAny(" \t\r\n");
        return end < 0 ? text : text[..end];
    }
}

/// <summary>A magic of the kernel that was understood.</summary>
/// <param name="Argument">Without quotes; empty where the magic takes none.</param>
/// <param name="Line">In the cell, from 1.</param>
/// <param name="Column">Of the argument, from 1.</param>
sealed record KernelMagicCall(KernelMagic Magic, string Argument, int Line, int Column);
