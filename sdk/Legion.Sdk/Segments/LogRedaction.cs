using System.Collections.Concurrent;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Arguments of logs that are not to be recorded as they are, by the name of their hole. What is left of one has another tag than the caller counts,
/// so that its log goes on where values carry their own.
/// </summary>
static class LogRedaction
{
    /// <summary>Names of holes by the expressions of the program's call sites, which are as many as it has.</summary>
    static readonly ConcurrentDictionary<string, string> names = new();

    /// <returns>False where the number is to be recorded.</returns>
    public static bool TryNumber(in LogPlace place, string expression, ValueTag tag, ulong bits) =>
        RuleOf(expression) is not RedactionRule.Keep and var rule && Take(place, rule, tag switch
        {
            ValueTag.I64 => Value.Of((long)bits),
            ValueTag.F64 => Value.Of(BitConverter.UInt64BitsToDouble(bits)),
            ValueTag.Bool => Value.Of(bits != 0),
            _ => Value.Of(bits),
        });

    /// <returns>False where the text is to be recorded.</returns>
    public static bool TryText(in LogPlace place, string expression, ReadOnlySpan<char> text) =>
        RuleOf(expression) is not RedactionRule.Keep and var rule && Take(place, rule, rule == RedactionRule.Hash ? text.ToString() : Value.Null);

    /// <summary>The value that may be recorded of a property of a log, or of an argument whose hole has the name.</summary>
    public static object? Of(string? name, object? value) => Recording.Redaction is not { } redaction || value is null || name is null ? value : redaction.RuleOf(name) switch
    {
        RedactionRule.Keep => value,
        RedactionRule.Drop => null,
        _ => redaction.HashOf(HostValue.Of(value)).ToObject(),
    };

    static RedactionRule RuleOf(string expression) =>
        Recording.Redaction is { } redaction ? redaction.RuleOf(names.GetOrAdd(expression, static expression => LogPiece.HoleName(expression, 0))) : RedactionRule.Keep;

    static bool Take(in LogPlace place, RedactionRule rule, Value value)
    {
        var log = ThreadContext.Moved(place);
        if (rule == RedactionRule.Hash && Recording.Redaction is { } redaction) log?.Append(redaction.HashOf(value).AsString);
        else log?.Null();
        return true;
    }
}
