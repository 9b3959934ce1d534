using System;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Legion.Sdk.Generators;

/// <summary>What the generator knows of the SDK by name.</summary>
static class SdkNames
{
    public const string Assembly = "Legion.Sdk";

    /// <summary>Where the generated code lies; a project enables it by naming this among its <c>InterceptorsNamespaces</c>.</summary>
    public const string GeneratedNamespace = "Legion.Sdk.Generated";

    /// <summary>
    /// Calls that may pass a name. A call is one of them if it also has an overload that takes a site in the name's place,
    /// so a new one is a word here and an overload there.
    /// </summary>
    public static bool MayPassName(string method) =>
        method is "Span" or "Next" or "AsyncSpan" or "Metric" or "MetricAtLast" or "Count" or "Log" or "Marker" or "Flow" or "Frame";

    public const string Emit = "Emit";

    /// <summary>The last part of the name of <c>SpanSite</c>, <c>MetricSite</c> and their like.</summary>
    public const string SiteSuffix = "Site";

    public const string SpanSite = "SpanSite";

    public const string LogMessage = "LogMessage";

    public const string LogTemplateSite = "LogTemplateSite";

    public static bool IsOfSdk(ISymbol symbol) => symbol.ContainingAssembly?.Name == Assembly;

    public static bool IsNamed(ITypeSymbol? type, string name) => type is not null && type.Name == name && IsOfSdk(type);

    public static bool Enables(ParseOptions options) =>
        options.Features.TryGetValue("InterceptorsNamespaces", out var namespaces)
        && namespaces.Split(';').Any(name => name.Trim() is { Length: > 0 } enabled && (GeneratedNamespace + ".").StartsWith(enabled + ".", StringComparison.Ordinal));
}
