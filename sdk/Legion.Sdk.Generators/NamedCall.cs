using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Legion.Sdk.Generators;

/// <summary>A call of a method of the SDK's that passes a name, and its overload that takes a site instead.</summary>
sealed class NamedCall
{
    NamedCall(IInvocationOperation call, IParameterSymbol name, IMethodSymbol sited, ITypeSymbol siteType)
    {
        Call = call;
        Name = name;
        Sited = sited;
        SiteType = siteType;
    }

    public IInvocationOperation Call { get; }

    public IMethodSymbol Method => Call.TargetMethod;

    /// <summary>The parameter that takes the name.</summary>
    public IParameterSymbol Name { get; }

    /// <summary>The overload with a site: it lacks the parameters that the site knows.</summary>
    public IMethodSymbol Sited { get; }

    public ITypeSymbol SiteType { get; }

    /// <summary>Null for any other call.</summary>
    public static NamedCall? Of(IInvocationOperation call)
    {
        var method = call.TargetMethod;
        if (!SdkNames.MayPassName(method.Name) || !SdkNames.IsOfSdk(method) || method.IsGenericMethod) return null;
        var name = method.Parameters.FirstOrDefault(parameter => parameter.Type.SpecialType == SpecialType.System_String && !IsCallerInfo(parameter));
        if (name is null) return null;
        foreach (var candidate in method.ContainingType.GetMembers(method.Name).OfType<IMethodSymbol>())
            if (SiteTypeOf(candidate, method, name) is { } siteType) return new NamedCall(call, name, candidate, siteType);
        return null;
    }

    /// <summary>What the call passes; null for a parameter that the method does not have.</summary>
    public IArgumentOperation? Argument(IParameterSymbol parameter) =>
        Call.Arguments.FirstOrDefault(argument => SymbolEqualityComparer.Default.Equals(argument.Parameter, parameter));

    /// <summary>The name, where it is known now.</summary>
    public string? ConstantName => Argument(Name)?.Value.ConstantValue is { HasValue: true, Value: string { Length: > 0 } name } ? name : null;

    public static bool IsCallerInfo(IParameterSymbol parameter) => IsCallerFile(parameter) || IsCallerLine(parameter);

    public static bool IsCallerFile(IParameterSymbol parameter) => HasAttribute(parameter, "CallerFilePathAttribute");

    public static bool IsCallerLine(IParameterSymbol parameter) => HasAttribute(parameter, "CallerLineNumberAttribute");

    public static bool IsUnit(IParameterSymbol parameter) => SdkNames.IsNamed(parameter.Type, "Unit");

    /// <summary>Parameters of <paramref name="method"/> that <paramref name="sited"/> has too, the name's place among them.</summary>
    public static IParameterSymbol[] Kept(IMethodSymbol method, IMethodSymbol sited) =>
        [.. method.Parameters.Where(parameter => !IsCallerInfo(parameter) && (!IsUnit(parameter) || sited.Parameters.Any(IsUnit)))];

    static ITypeSymbol? SiteTypeOf(IMethodSymbol candidate, IMethodSymbol method, IParameterSymbol name)
    {
        if (candidate.IsGenericMethod || candidate.IsStatic != method.IsStatic) return null;
        var kept = Kept(method, candidate);
        if (kept.Length != candidate.Parameters.Length) return null;
        ITypeSymbol? siteType = null;
        for (var i = 0; i < kept.Length; i++)
        {
            var type = candidate.Parameters[i].Type;
            if (SymbolEqualityComparer.Default.Equals(kept[i], name))
            {
                if (!type.Name.EndsWith(SdkNames.SiteSuffix, System.StringComparison.Ordinal) || !SdkNames.IsOfSdk(type)) return null;
                siteType = type;
            }
            else if (!SymbolEqualityComparer.Default.Equals(type, kept[i].Type) || candidate.Parameters[i].RefKind != kept[i].RefKind)
            {
                return null;
            }
        }
        return siteType;
    }

    static bool HasAttribute(IParameterSymbol parameter, string name) => parameter.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == name);
}
