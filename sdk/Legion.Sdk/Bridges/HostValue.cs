using System.Collections;
using System.Globalization;
using System.Text;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>Values of the program that arrive as objects: arguments of logs, tags of activities and measurements.</summary>
static class HostValue
{
    /// <summary>Elements of a collection that are put into its text.</summary>
    const int MostElements = 64;

    /// <summary>The value as it is recorded: numbers, truths, texts and bytes as they are, everything else as its text.</summary>
    public static Value Of(object? value) => value switch
    {
        null => Value.Null,
        string text => text,
        bool truth => truth,
        int number => number,
        long number => number,
        double number => number,
        float number => number,
        uint number => Value.Of((ulong)number),
        ulong number => Value.Of(number),
        short number => number,
        ushort number => number,
        byte number => number,
        sbyte number => number,
        byte[] bytes => Value.Of(bytes),
        _ => Text(value, null),
    };

    /// <summary>The value's text. What its own code throws stays here, and its exception's name is the text.</summary>
    public static string Text(object value, string? format)
    {
        try
        {
            return value switch
            {
                IFormattable formattable => formattable.ToString(format, CultureInfo.InvariantCulture),
                IEnumerable elements when IsPlain(value) => Joined(elements),
                _ => value.ToString() ?? "",
            };
        }
        catch (Exception exception)
        {
            return exception.GetType().FullName ?? "";
        }
    }

    /// <summary>True for collections whose text would be the name of their type.</summary>
    public static bool IsPlain(object value) => value is Array or IList or IDictionary;

    static string Joined(IEnumerable elements)
    {
        var text = new StringBuilder();
        var count = 0;
        foreach (var element in elements)
        {
            if (count > 0) text.Append(", ");
            if (count++ == MostElements)
            {
                text.Append("...");
                break;
            }
            text.Append(CultureInfo.InvariantCulture, $"{element}");
        }
        return text.ToString();
    }
}
