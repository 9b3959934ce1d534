using Legion.Kernel.Notebooks;

namespace Legion.Kernel.Cells;

/// <summary>A file whose C# and magics a cell runs as if they stood in it.</summary>
static class ImportedFile
{
    // By the first word of a line of a .dib. What is C# here, the others are not for us.
    static readonly string[] CSharpWords = ["csharp", "cs", "c#"];

    static readonly string[] OtherWords =
    [
        "meta", "markdown", "md", "html", "javascript", "js", "mermaid", "fsharp", "f#", "fs", "pwsh", "powershell", "sql", "kql", "http", "value", "python", "r",
    ];

    public static bool IsOne(string path) => Path.GetExtension(path).ToLowerInvariant() is ".cs" or ".csx" or ".dib" or ".ipynb";

    /// <summary>What is to run, in its order.</summary>
    /// <param name="path">A full path.</param>
    /// <exception cref="InvalidDataException">It is of another kind, or is not what its name says.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IReadOnlyList<CellSource> Read(string path)
    {
        var name = Path.GetFileName(path);
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".cs" or ".csx" => [Source(File.ReadAllText(path), name)],
            ".dib" => Dib(File.ReadAllText(path)).Select(cell => Source(cell, name)).ToList(),
            ".ipynb" => NotebookFile.Read(path).Cells
                .Select((cell, i) => (cell, Number: i + 1))
                .Where(item => item.cell.IsCode && !string.IsNullOrWhiteSpace(item.cell.Source))
                .Select(item => Source(item.cell.Source, $"{name} cell {item.Number}"))
                .ToList(),
            var other => throw new InvalidDataException($"cannot run a file that ends in '{other}': expected .cs, .csx, .dib or .ipynb"),
        };

        CellSource Source(string text, string sourceName) => new(text.ReplaceLineEndings("\n"), sourceName, Path.GetDirectoryName(path)!, IsImported: true);
    }

    // Each part has as many empty lines before it as the file has, so that every line number is the file's.
    static IEnumerable<string> Dib(string text)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var begin = 0;
        var isOurs = true;
        for (var i = 0; i <= lines.Length; i++)
        {
            var word = i < lines.Length && lines[i].StartsWith("#!", StringComparison.Ordinal) ? lines[i][2..].Split([' ', '\t'], 2)[0].ToLowerInvariant() : null;
            var isCSharp = CSharpWords.Contains(word);
            var isLegion = !isOurs && word is "legion" or "legion-sql";
            if (i < lines.Length && !isCSharp && !isLegion && !OtherWords.Contains(word))
                continue;
            if (isOurs && lines[begin..i].Any(line => !string.IsNullOrWhiteSpace(line)))
                yield return new string('\n', begin) + string.Join('\n', lines[begin..i]);
            begin = isLegion ? i : i + 1;
            isOurs = isCSharp || isLegion;
        }
    }
}
