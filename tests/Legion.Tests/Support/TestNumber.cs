using System.Globalization;

namespace Legion.Tests.Support;

/// <summary>How long, or where, a test goes on: by an environment variable.</summary>
static class TestNumber
{
    public static int Of(string variable, int otherwise) => Environment.GetEnvironmentVariable(variable) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
