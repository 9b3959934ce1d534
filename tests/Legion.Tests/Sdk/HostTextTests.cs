using System.Collections;
using System.Globalization;
using Legion.Format;
using Legion.Sdk;
using Legion.Sdk.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Legion.Tests.Sdk;

/// <summary>Values whose own code throws or records when it is asked for text.</summary>
[Collection(SdkCollection.Name)]
public sealed class HostTextTests
{
    /// <summary>What is logged, and the last argument of the log; the log before it is what the value's code has recorded.</summary>
    public static TheoryData<string, Action<ILogger>, string> Hostile => new()
    {
        { "ToString", _ => Telemetry.Log(Level.Info, $"value {new Throws()}"), "System.NotSupportedException" },
        { "format", _ => Telemetry.Log(Level.Info, $"value {new ThrowsFormatted():x}"), "System.FormatException" },
        { "span format", _ => Telemetry.Log(Level.Info, $"value {new ThrowsIntoSpan():x}"), "System.TimeoutException" },
        { "null text", _ => Telemetry.Log(Level.Info, $"value {new HasNoText()}"), "" },
        { "collection", _ => Telemetry.Log(Level.Info, $"value {new object[] { 1, 1.5, "two" }}"), "1, 1.5, two" },
        { "element", _ => Telemetry.Log(Level.Info, $"value {new ArrayList { 1, new Throws() }}"), "System.NotSupportedException" },
        { "long text", _ => Telemetry.Log(Level.Info, $"value {new FormatsLong()}"), new string('9', 400) },
        { "recursion", _ => Telemetry.Log(Level.Info, $"value {new Records()}"), "recorded" },
        { "message", _ => Telemetry.Exception(new HasHostileMessage()), "" },
        { "logger's argument", logger => logger.LogInformation("value {Value}", new Throws()), "System.NotSupportedException" },
        { "logger's recursion", logger => logger.LogInformation("value {Value}", new Records()), "recorded" },
        { "logger's formatter", logger => logger.Log(LogLevel.Information, default, 1, null, static (_, _) => throw new NotSupportedException()), "cannot log: System.NotSupportedException" },
        { "logger's state", logger => logger.Log(LogLevel.Information, default, new ThrowingState(), null, static (_, _) => "text"), "cannot log: System.InvalidOperationException" },
        { "logger's message", logger => logger.LogInformation(new HasHostileMessage(), "value"), "" },
    };

    [Theory, MemberData(nameof(Hostile))]
    public void What_the_values_code_throws_stays_in_the_log(string _, Action<ILogger> log, string text)
    {
        var sink = new MemorySink();
        using (Telemetry.Start(new TelemetryOptions { Sink = sink, MinimumLevel = Level.Trace }))
        {
            log(new LegionLogger(LogCategory.Of("hostile"), null, includesTraceIds: false));
        }
        var events = Assert.Single(DecodedStream.All(sink), stream => stream.Record.Class == StreamClass.Log).Events;
        Assert.Equal(text, ((object?[])events[^1]["arguments"]!)[^1]);
        Assert.Equal(text == "recorded" ? 2 : 1, events.Count);
    }

    [Fact]
    public void An_exception_whose_message_throws_keeps_its_stack()
    {
        try
        {
            throw new HasHostileMessage();
        }
        catch (HasHostileMessage thrown)
        {
            var text = ExceptionText.Of(thrown);
            Assert.Equal((typeof(HasHostileMessage).FullName, "System.UnauthorizedAccessException"), (text.Type, text.Message));
            Assert.Contains(nameof(An_exception_whose_message_throws_keeps_its_stack), text.Stack);
        }
    }

    sealed class Throws
    {
        public override string ToString() => throw new NotSupportedException();
    }

    sealed class HasNoText
    {
        public override string? ToString() => null;
    }

    sealed class ThrowsFormatted : IFormattable
    {
        public string ToString(string? format, IFormatProvider? provider) => throw new FormatException(format);
    }

    readonly struct ThrowsIntoSpan : ISpanFormattable
    {
        public string ToString(string? format, IFormatProvider? provider) => "never";

        public bool TryFormat(Span<char> destination, out int written, ReadOnlySpan<char> format, IFormatProvider? provider) => throw new TimeoutException();
    }

    /// <summary>More than the log has at hand for it.</summary>
    readonly struct FormatsLong : ISpanFormattable
    {
        public string ToString(string? format, IFormatProvider? provider) => new('9', 400);

        public bool TryFormat(Span<char> destination, out int written, ReadOnlySpan<char> format, IFormatProvider? provider)
        {
            written = 0;
            return destination.Length >= 400 && ToString(null, CultureInfo.InvariantCulture).TryCopyTo(destination);
        }
    }

    sealed class Records
    {
        public override string ToString()
        {
            Telemetry.Log(Level.Info, $"inner {1} {"text"}");
            return "recorded";
        }
    }

    sealed class HasHostileMessage : Exception
    {
        public override string Message => throw new UnauthorizedAccessException();
    }

    sealed class ThrowingState : IReadOnlyList<KeyValuePair<string, object?>>
    {
        public int Count => throw new InvalidOperationException();

        public KeyValuePair<string, object?> this[int index] => throw new InvalidOperationException();

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => throw new InvalidOperationException();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
