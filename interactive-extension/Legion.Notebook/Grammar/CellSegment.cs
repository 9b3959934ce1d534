using System.Text;

namespace Legion.Notebook.Grammar;

/// <summary>A run of lines of a cell that are all C#, or one magic with its body.</summary>
/// <param name="Text">The lines as they stand in the cell.</param>
/// <param name="Start">Index of its first character in the cell.</param>
/// <param name="FirstLine">Counted from 0.</param>
/// <param name="IsMagic">The first line begins with <c>#!</c>; it need not be a magic of ours.</param>
public sealed record CellSegment(string Text, int Start, int FirstLine, bool IsMagic)
{
    /// <summary>Splits a cell into what runs in turn.</summary>
    /// <param name="isOpen">
    /// Whether C# text ends inside a string or a comment that goes on, in which a line that begins with <c>#!</c> is text.
    /// </param>
    public static IReadOnlyList<CellSegment> Split(string cell, Func<string, bool> isOpen)
    {
        var segments = new List<CellSegment>();
        var current = new StringBuilder();
        int currentStart = 0, currentLine = 0, at = 0, line = 0;
        bool inMagic = false, takesBody = false;

        while (at < cell.Length)
        {
            var end = cell.IndexOf('\n', at);
            var next = end < 0 ? cell.Length : end + 1;
            var text = cell[at..next];
            var begins = MagicParser.FirstWord(text).Length > 0 && (inMagic || !isOpen(current.ToString()));
            if (begins || inMagic && !takesBody)
                Close();
            if (begins)
            {
                inMagic = true;
                takesBody = MagicParser.TakesBody(text, Verbs.All);
            }
            current.Append(text);
            at = next;
            line++;
        }
        Close();
        return segments;

        void Close()
        {
            var text = current.ToString();
            if (inMagic || !string.IsNullOrWhiteSpace(text))
                segments.Add(new(text, currentStart, currentLine, inMagic));
            current.Clear();
            (currentStart, currentLine, inMagic) = (at, line, false);
        }
    }
}
