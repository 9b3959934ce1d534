using Apache.Arrow;

namespace Legion.Lakehouse;

/// <summary>Texts of a column of a batch, which has each of them once.</summary>
readonly struct CodedTexts
{
    readonly string[] texts;
    readonly Int32Array codes;

    public CodedTexts(IArrowArray array)
    {
        var coded = (DictionaryArray)array;
        var dictionary = (StringArray)coded.Dictionary;
        texts = new string[dictionary.Length];
        for (var i = 0; i < texts.Length; i++) texts[i] = dictionary.GetString(i);
        codes = (Int32Array)coded.Indices;
    }

    /// <summary>Each once, by code.</summary>
    public IReadOnlyList<string> Texts => texts;

    public int Code(int row) => codes.Values[row];

    public string this[int row] => texts[Code(row)];
}
