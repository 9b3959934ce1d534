using System.Globalization;

namespace Legion.Cli.Query;

/// <summary>Values given as <c>--set name=value</c>.</summary>
static class ParameterText
{
    /// <summary>Numbers, true, false and null are those; everything else, and what stands in single quotes, is text.</summary>
    /// <exception cref="CommandFailure">A setting has no name.</exception>
    public static Dictionary<string, object?> Parse(IEnumerable<string> settings)
    {
        var parameters = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var setting in settings)
        {
            var equals = setting.IndexOf('=');
            if (equals <= 0) throw CommandFailure.Usage($"cannot set '{setting}': expected name=value");
            parameters[setting[..equals].TrimStart('$')] = Value(setting[(equals + 1)..]);
        }
        return parameters;
    }

    static object? Value(string text) => text switch
    {
        "true" => true,
        "false" => false,
        "null" => null,
        ['\'', .. var inner, '\''] => inner,
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer) => integer,
        _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) => number,
        _ => text,
    };
}
