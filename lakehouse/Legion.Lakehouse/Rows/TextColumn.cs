using System.Runtime.InteropServices;

namespace Legion.Lakehouse;

/// <summary>
/// Texts of one column. Equal texts are kept once and named by a code, as most columns of text repeat few values;
/// a column that turns out to hold another text in almost every row stops looking for equal ones.
/// </summary>
public sealed class TextColumn(Column column) : ColumnBuffer(column)
{
    /// <summary>Stands for null among codes.</summary>
    public const int Null = -1;

    /// <summary>So many texts are compared before a column counts as one without repeats.</summary>
    const int TrialRows = 4096;

    readonly Dictionary<string, int> codeOf = new(StringComparer.Ordinal);
    readonly List<string> texts = [];
    int[] codes = [];
    string? lastText;
    int lastCode;

    /// <summary>False once the column counts as one whose texts do not repeat: each row then has a code of its own.</summary>
    public bool Repeats { get; private set; } = true;

    /// <summary>The texts by code. Some may belong to rows that were forgotten.</summary>
    public ReadOnlySpan<string> Texts => CollectionsMarshal.AsSpan(texts);

    /// <summary>The code of each row.</summary>
    public ReadOnlySpan<int> Codes => codes.AsSpan(0, Count);

    public void Add(string text) => AddCode(Code(text));

    /// <summary>Appends a row whose text has this code (see <see cref="Code"/>).</summary>
    public void AddCode(int code)
    {
        if (Count == codes.Length) Reserve(Count + 1);
        codes[Count++] = code;
    }

    /// <summary>Appends so many rows of one text.</summary>
    public void AddCode(int code, int count)
    {
        Reserve(Count + count);
        codes.AsSpan(Count, count).Fill(code);
        Count += count;
    }

    public void AddNull()
    {
        AddCode(Null);
        HasNulls = true;
    }

    /// <summary>The code that stands for a text, until the column is cleared.</summary>
    public int Code(string text)
    {
        if (ReferenceEquals(text, lastText)) return lastCode;
        lastText = text;
        if (!Repeats) return lastCode = Append(text);
        ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(codeOf, text, out var exists);
        if (!exists)
        {
            known = Append(text);
            Repeats = texts.Count < TrialRows || texts.Count <= Count / 2;
        }
        return lastCode = known;
    }

    public string? this[int row] => codes[row] == Null ? null : texts[codes[row]];

    /// <summary>Forgets all rows, and with them the texts of a column where texts do not repeat.</summary>
    public override void Clear()
    {
        base.Clear();
        if (Repeats) return;
        codeOf.Clear();
        texts.Clear();
        lastText = null;
    }

    public override void Reserve(int rows)
    {
        if (rows > codes.Length) Grow(ref codes, Count, rows);
    }

    public override void Dispose()
    {
        Return(ref codes);
        Clear();
    }

    int Append(string text)
    {
        texts.Add(text);
        return texts.Count - 1;
    }
}
