using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Legion.Sdk.Generators;

/// <summary>A call whose name is known now, as text of C#: equal calls generate equal code.</summary>
/// <param name="Target">Full name of the type that the call stands in.</param>
/// <param name="Location">The attribute that names the call to the compiler.</param>
/// <param name="SiteType">Type of the static field that takes the name's place.</param>
/// <param name="SiteArguments">What that field is made of.</param>
/// <param name="Method">Name of the method that is called.</param>
/// <param name="Returns">Its type.</param>
/// <param name="Parameters">Its parameters, and the receiver if it has one.</param>
/// <param name="Forward">The call in its place, <c>{0}</c> for the field.</param>
sealed record SiteCall(string Target, string Location, string SiteType, string SiteArguments, string Method, string Returns, string Parameters, string Forward)
{
    static readonly SymbolDisplayFormat typeFormat = SymbolDisplayFormat.FullyQualifiedFormat
        .AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    static readonly SymbolDisplayFormat targetFormat = new(
        SymbolDisplayGlobalNamespaceStyle.Omitted, SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces);

    /// <summary>Null for a call that is to be left as it is.</summary>
    public static SiteCall? Of(SemanticModel model, InvocationExpressionSyntax syntax, CancellationToken cancellation)
    {
        if (model.GetOperation(syntax, cancellation) is not IInvocationOperation operation || IsInExpressionTree(operation)) return null;
        if (NamedCall.Of(operation) is { } named) return Of(named, model, syntax, cancellation);
        return LogCall.Of(operation) is { } log ? Of(log, operation.TargetMethod, model, syntax, cancellation) : null;
    }

    static SiteCall? Of(NamedCall call, SemanticModel model, InvocationExpressionSyntax syntax, CancellationToken cancellation)
    {
        if (call.ConstantName is not { } name || UnitOf(call, model.Compilation) is not { } unit) return null;
        if (CallerInfo(call, NamedCall.IsCallerFile) is not string file || CallerInfo(call, NamedCall.IsCallerLine) is not int line) return null;
        if (model.GetInterceptableLocation(syntax, cancellation) is not { } location) return null;

        var target = TargetOf(model, syntax, cancellation);
        var arguments = $"{Literal(name)}, {Literal(target)}, {Literal(file)}, {line}{(unit.Length > 0 ? ", " + unit : "")}";
        return new SiteCall(
            target, location.GetInterceptsLocationAttributeSyntax(), Display(call.SiteType), arguments,
            call.Method.Name, Display(call.Method.ReturnType), ParametersOf(call.Method), ForwardOf(call));
    }

    static SiteCall? Of(LogCall call, IMethodSymbol method, SemanticModel model, InvocationExpressionSyntax syntax, CancellationToken cancellation)
    {
        if (model.Compilation.GetTypeByMetadataName($"{SdkNames.Assembly}.{SdkNames.LogTemplateSite}") is not { } siteType) return null;
        if (model.GetInterceptableLocation(syntax, cancellation) is not { } location) return null;

        var target = TargetOf(model, syntax, cancellation);
        var arguments = $"{Literal(call.Template)}, {Literal(target)}, {Literal(call.File)}, {call.Line}, {call.LiteralLength}, {call.Holes}";
        var forward = $"{Display(method.ContainingType)}.{method.Name}({string.Join(", ", method.Parameters.Select(parameter => RefOf(parameter) + "@" + parameter.Name))}, {{0}})";
        return new SiteCall(
            target, location.GetInterceptsLocationAttributeSyntax(), Display(siteType), arguments,
            method.Name, Display(method.ReturnType), ParametersOf(method), forward);
    }

    public static string Literal(string text) => SymbolDisplay.FormatLiteral(text, quote: true);

    public static string Display(ITypeSymbol type) => type.ToDisplayString(typeFormat);

    public static bool IsInExpressionTree(IOperation operation)
    {
        for (var outer = operation.Parent; outer is not null; outer = outer.Parent)
            if (outer is IAnonymousFunctionOperation && outer.Parent?.Type is { Name: "Expression", ContainingNamespace.Name: "Expressions" }) return true;
        return false;
    }

    /// <summary>The file or line that the compiler passes; null where the program passes its own.</summary>
    static object? CallerInfo(NamedCall call, System.Func<IParameterSymbol, bool> isWanted) =>
        call.Method.Parameters.FirstOrDefault(isWanted) is { } parameter
        && call.Argument(parameter) is { ArgumentKind: ArgumentKind.DefaultValue } argument ? argument.Value.ConstantValue.Value : null;

    /// <summary>The unit that the site is made with; empty for sites without, null for one that may be another at the next call.</summary>
    static string? UnitOf(NamedCall call, Compilation compilation)
    {
        if (call.Method.Parameters.FirstOrDefault(NamedCall.IsUnit) is not { } parameter || call.Sited.Parameters.Any(NamedCall.IsUnit))
            return call.SiteType.Name == "MetricSite" ? "default" : "";
        if (call.Argument(parameter) is not { } argument) return null;
        var value = argument.Value is IConversionOperation { IsImplicit: true } converted ? converted.Operand : argument.Value;
        return value switch
        {
            _ when argument.ArgumentKind == ArgumentKind.DefaultValue => "default",
            IDefaultValueOperation => "default",
            IPropertyReferenceOperation { Property: { IsStatic: true } property } when SdkNames.IsNamed(property.ContainingType, "Unit") => Display(property.ContainingType) + "." + property.Name,
            IFieldReferenceOperation { Field: { IsStatic: true, IsReadOnly: true } field } when IsReachable(field, compilation) => Display(field.ContainingType) + ".@" + field.Name,
            IObjectCreationOperation { Arguments.Length: 1, Initializer: null } made when made.Arguments[0].Value.ConstantValue is { HasValue: true, Value: string unit } =>
                $"new {Display(parameter.Type)}({Literal(unit)})",
            _ => null,
        };
    }

    /// <summary>True for what code in another file of the program may name.</summary>
    public static bool IsReachable(ISymbol symbol, Compilation compilation)
    {
        if (!compilation.IsSymbolAccessibleWithin(symbol, compilation.Assembly)) return false;
        for (var type = symbol as INamedTypeSymbol ?? symbol.ContainingType; type is not null; type = type.ContainingType)
            if (type.IsFileLocal || type.TypeArguments.Any(argument => argument is not INamedTypeSymbol named || !IsReachable(named, compilation))) return false;
        return true;
    }

    static string TargetOf(SemanticModel model, SyntaxNode syntax, CancellationToken cancellation)
    {
        var symbol = model.GetEnclosingSymbol(syntax.SpanStart, cancellation);
        var type = symbol as INamedTypeSymbol ?? symbol?.ContainingType;
        // The members of an extension block belong to a type without a name.
        while (type is { CanBeReferencedByName: false, ContainingType: { } outer }) type = outer;
        return type?.ToDisplayString(targetFormat) ?? "";
    }

    static string ParametersOf(IMethodSymbol method)
    {
        var parameters = new List<string>();
        if (!method.IsStatic)
        {
            var type = method.ContainingType;
            var by = !type.IsValueType ? "" : type.IsReadOnly || method.IsReadOnly ? "in " : "ref ";
            parameters.Add($"this {by}{Display(type)} receiver");
        }
        parameters.AddRange(method.Parameters.Select(parameter => $"{Scoped(parameter)}{RefOf(parameter)}{Display(parameter.Type)} @{parameter.Name}"));
        return string.Join(", ", parameters);
    }

    static string ForwardOf(NamedCall call)
    {
        var arguments = NamedCall.Kept(call.Method, call.Sited)
            .Select(parameter => SymbolEqualityComparer.Default.Equals(parameter, call.Name) ? "{0}" : RefOf(parameter) + "@" + parameter.Name);
        return $"{(call.Method.IsStatic ? Display(call.Method.ContainingType) : "receiver")}.{call.Method.Name}({string.Join(", ", arguments)})";
    }

    static string Scoped(IParameterSymbol parameter) => parameter.ScopedKind != ScopedKind.None && !parameter.IsParams ? "scoped " : "";

    static string RefOf(IParameterSymbol parameter) => parameter.RefKind switch
    {
        RefKind.Ref => "ref ",
        RefKind.In or RefKind.RefReadOnlyParameter => "in ",
        RefKind.Out => "out ",
        _ => "",
    };
}
