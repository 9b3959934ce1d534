using System.Globalization;

namespace Legion.Sample.Archive;

/// <summary>What the command line asks for.</summary>
sealed record SampleOptions(double Seconds, string? Out, Uri? Url, string Files)
{
    public const string Usage = "usage: Legion.Sample.Archive [--seconds N] [--files FOLDER] (--out FILE.legion | --url URL)";

    /// <exception cref="FormatException">An option is unknown, has no value, or is missing.</exception>
    public static SampleOptions Parse(string[] arguments)
    {
        var options = new SampleOptions(10, null, null, Path.GetDirectoryName(typeof(object).Assembly.Location)!);
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 == arguments.Length) throw new FormatException($"expected a value after '{arguments[i]}'");
            var value = arguments[i + 1];
            options = arguments[i] switch
            {
                "--seconds" when double.TryParse(value, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 => options with { Seconds = seconds },
                "--out" => options with { Out = value },
                "--url" when Uri.TryCreate(value, UriKind.Absolute, out var url) => options with { Url = url },
                "--files" when Directory.Exists(value) => options with { Files = value },
                _ => throw new FormatException($"cannot take '{arguments[i]} {value}'"),
            };
        }
        return options.Out is null == options.Url is null ? throw new FormatException("expected one of --out and --url") : options;
    }
}
