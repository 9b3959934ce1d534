using System.Collections;
using System.Globalization;
using System.Text;

namespace Legion.Sdk;

/// <summary>
/// The program's own code that makes text of its values: <c>ToString</c>, formats, messages of exceptions, states of logs. It runs within calls that only record,
/// so what it throws must not reach the program: it stays here, and the name of the exception stands for the text.
/// </summary>
static class HostText
{
    /// <summary>Elements of a collection that are put into its text.</summary>
    const int MostElements = 64;

    /// <summary>The value's text.</summary>
    public static string Of(object value, string? format = null)
    {
        var asked = new Asked<object>(value, format, []);
        return Thrown(ref asked, Asked<object>.Read) ?? asked.Text.ToString();
    }

    /// <summary>The value's text, in <paramref name="room"/> where it can be put there without an allocation.</summary>
    public static ReadOnlySpan<char> Of<T>(T value, string? format, Span<char> room)
    {
        var asked = new Asked<T>(value, format, room);
        return Thrown(ref asked, Asked<T>.Read) is { } thrown ? thrown : asked.Text;
    }

    /// <summary>A text that a member of the object makes.</summary>
    public static string Of<T>(T from, Func<T, string?> read) where T : class
    {
        var asked = (From: from, Read: read, Text: (string?)null);
        return Thrown(ref asked, static (ref (T From, Func<T, string?> Read, string? Text) asked) => asked.Text = asked.Read(asked.From)) ?? asked.Text ?? "";
    }

    /// <summary>Runs code of the program's where more than a text comes of it.</summary>
    /// <returns>Null where it ran through; the name of the exception that ended it.</returns>
    public static string? Thrown<TState>(ref TState state, HostCode.Code<TState> code) where TState : allows ref struct =>
        HostCode.Failure(ref state, code) is { } failure ? failure.GetType().FullName ?? "" : null;

    /// <summary>What is asked for its text, and the answer.</summary>
    ref struct Asked<T>(T value, string? format, Span<char> room)
    {
        public static readonly HostCode.Code<Asked<T>> Read = static (ref Asked<T> asked) => asked.Answer();

        readonly T value = value;
        readonly Span<char> room = room;

        public ReadOnlySpan<char> Text { get; private set; }

        void Answer()
        {
            if (room.Length > 0 && value is ISpanFormattable && ((ISpanFormattable)value).TryFormat(room, out var length, format, CultureInfo.InvariantCulture))
            {
                Text = room[..length];
                return;
            }
            Text = value switch
            {
                IFormattable formattable => formattable.ToString(format, CultureInfo.InvariantCulture),
                // Collections whose text would be the name of their type.
                Array or IList or IDictionary => Joined((IEnumerable)value),
                _ => value?.ToString(),
            };
        }

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
}
