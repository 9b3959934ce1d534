using Legion.Format;

namespace Legion.Sdk;

/// <summary>Values of the program that arrive as objects: tags of activities and measurements.</summary>
static class HostValue
{
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
        _ => HostText.Of(value),
    };
}
