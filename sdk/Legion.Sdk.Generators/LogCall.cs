using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Legion.Sdk.Generators;

/// <summary>A call that logs an interpolated string: the template that the SDK would learn from it, and what the SDK tells the call by.</summary>
sealed class LogCall
{
    LogCall(string template, string file, int line, int literalLength, int holes)
    {
        Template = template;
        File = file;
        Line = line;
        LiteralLength = literalLength;
        Holes = holes;
    }

    public string Template { get; }

    public string File { get; }

    public int Line { get; }

    public int LiteralLength { get; }

    public int Holes { get; }

    /// <summary>Null for any other call.</summary>
    public static LogCall? Of(IInvocationOperation call)
    {
        if (call.TargetMethod is not { Name: "Log", Parameters.Length: 2 } method || !SdkNames.IsNamed(method.ContainingType, "Telemetry")) return null;
        var message = method.Parameters[1];
        if (!SdkNames.IsNamed(message.Type, SdkNames.LogMessage)) return null;
        var argument = call.Arguments.First(argument => SymbolEqualityComparer.Default.Equals(argument.Parameter, message));
        if (argument.Value is not IInterpolatedStringHandlerCreationOperation { HandlerCreation: IObjectCreationOperation made } text) return null;
        var template = new StringBuilder();
        var holes = 0;
        if (!TryAppend(text.Content, template, ref holes)) return null;
        return Constant(made.Arguments, "literalLength") is int literalLength && Constant(made.Arguments, "formattedCount") is int count && count == holes
            && Constant(made.Arguments, "file") is string file && Constant(made.Arguments, "line") is int line
                ? new LogCall(template.ToString(), file, line, literalLength, holes)
                : null;
    }

    static bool TryAppend(IOperation content, StringBuilder template, ref int holes)
    {
        switch (content)
        {
            case IInterpolatedStringAdditionOperation sum:
                return TryAppend(sum.Left, template, ref holes) && TryAppend(sum.Right, template, ref holes);
            case IInterpolatedStringOperation text:
                foreach (var part in text.Parts)
                    if (part is not IInterpolatedStringAppendOperation { AppendCall: IInvocationOperation append } || !TryAppend(append, template, ref holes)) return false;
                return true;
            default:
                return false;
        }
    }

    static bool TryAppend(IInvocationOperation append, StringBuilder template, ref int holes)
    {
        if (append.TargetMethod.Name == "AppendLiteral")
        {
            if (Constant(append.Arguments, "value") is not string literal) return false;
            template.Append(literal.Replace("{", "{{").Replace("}", "}}"));
            return true;
        }
        if (Constant(append.Arguments, "name") is not string expression) return false;
        template.Append('{').Append(HoleName(expression, holes++));
        if (Constant(append.Arguments, "alignment") is int alignment && alignment != 0) template.Append(',').Append(alignment.ToString(CultureInfo.InvariantCulture));
        if (Constant(append.Arguments, "format") is string { Length: > 0 } format && format.IndexOfAny(['{', '}']) < 0) template.Append(':').Append(format);
        template.Append('}');
        return true;
    }

    /// <summary>The SDK names holes so as well: where one changes, the other must.</summary>
    static string HoleName(string expression, int hole)
    {
        var name = new StringBuilder();
        foreach (var c in expression)
        {
            if (IsAsciiLetter(c) || c is >= '0' and <= '9' or '.') name.Append(c);
            else if (name.Length > 0 && name[name.Length - 1] != '_') name.Append('_');
        }
        var trimmed = name.ToString().Trim('_', '.');
        return trimmed.Any(IsAsciiLetter) ? trimmed : hole.ToString(CultureInfo.InvariantCulture);
    }

    static bool IsAsciiLetter(char c) => c is >= 'a' and <= 'z' or >= 'A' and <= 'Z';

    static object? Constant(IEnumerable<IArgumentOperation> arguments, string parameter) =>
        arguments.FirstOrDefault(argument => argument.Parameter?.Name == parameter)?.Value.ConstantValue is { HasValue: true } constant ? constant.Value : null;
}
