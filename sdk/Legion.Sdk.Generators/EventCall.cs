using System;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Legion.Sdk.Generators;

/// <summary>A call of <c>Emit</c>, as text of C#.</summary>
/// <param name="Type">The event's type.</param>
/// <param name="Location">The attribute that names the call to the compiler.</param>
/// <param name="Members">Members of the struct that describes and writes the type.</param>
sealed record EventCall(string Type, string Location, string Members)
{
    /// <summary>Null for a call that is to be left as it is.</summary>
    public static EventCall? Of(SemanticModel model, InvocationExpressionSyntax syntax, CancellationToken cancellation)
    {
        if (model.GetOperation(syntax, cancellation) is not IInvocationOperation call || EmittedType(call) is not { } type) return null;
        if (!IsDescribable(type, model.Compilation) || SiteCall.IsInExpressionTree(call)) return null;
        return model.GetInterceptableLocation(syntax, cancellation) is { } location
            ? new EventCall(SiteCall.Display(type), location.GetInterceptsLocationAttributeSyntax(), EventDescription.Of(type))
            : null;
    }

    /// <summary>The type whose values a call of <c>Emit</c> records; null for other calls, and where the type is a parameter.</summary>
    public static INamedTypeSymbol? EmittedType(IInvocationOperation call) =>
        call.TargetMethod is { Name: SdkNames.Emit, TypeArguments.Length: 1 } method && SdkNames.IsNamed(method.ContainingType, "Telemetry")
            ? method.TypeArguments[0] as INamedTypeSymbol
            : null;

    /// <summary>True for a type that generated code can name.</summary>
    public static bool IsDescribable(INamedTypeSymbol type, Compilation compilation) => !type.IsTupleType && SiteCall.IsReachable(type, compilation);
}
