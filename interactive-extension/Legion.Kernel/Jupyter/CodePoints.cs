namespace Legion.Kernel.Jupyter;

/// <summary>Jupyter counts a cursor in Unicode code points, .NET in UTF-16 units.</summary>
static class CodePoints
{
    public static int ToIndex(string text, int codePoints)
    {
        var index = 0;
        for (; codePoints > 0 && index < text.Length; codePoints--)
            index += char.IsSurrogatePair(text, index) ? 2 : 1;
        return index;
    }

    public static int FromIndex(string text, int index)
    {
        var pairs = 0;
        for (var i = 0; i + 1 < index; i++)
            if (char.IsSurrogatePair(text, i))
                pairs++;
        return index - pairs;
    }
}
