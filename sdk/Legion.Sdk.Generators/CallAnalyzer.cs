using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Legion.Sdk.Generators;

/// <summary>Says where a call of the SDK's does something else than its author expects.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CallAnalyzer : DiagnosticAnalyzer
{
    const string Category = "Legion";

    static readonly DiagnosticDescriptor nameIsNotConstant = new(
        "LEGION001", "The name of a span is not constant",
        "'{0}' declares each name that it is given for as long as the program lives: pass a constant, or call DynamicSpan for names made at run time",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true);

    static readonly DiagnosticDescriptor isReflected = new(
        "LEGION002", "An event type is described by reflection",
        "'{0}' cannot be named by generated code and is described by reflection: make it and the types it is nested in internal or public",
        Category, DiagnosticSeverity.Info, isEnabledByDefault: true);

    static readonly DiagnosticDescriptor isNotRecorded = new(
        "LEGION003", "A member of an event type is not recorded",
        "'{0}' is left out of the event: '{1}' is no primitive type, enumeration or string; make it private if that is meant",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true);

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [nameIsNotConstant, isReflected, isNotRecorded];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterOperationAction(AnalyzeCall, OperationKind.Invocation);
        context.RegisterSymbolAction(AnalyzeEventType, SymbolKind.NamedType);
    }

    static void AnalyzeCall(OperationAnalysisContext context)
    {
        var call = (IInvocationOperation)context.Operation;
        if (NamedCall.Of(call) is { SiteType.Name: SdkNames.SpanSite } named && named.Argument(named.Name) is { } name && !name.Value.ConstantValue.HasValue)
            context.ReportDiagnostic(Diagnostic.Create(nameIsNotConstant, name.Syntax.GetLocation(), named.Method.Name));
        if (EventCall.EmittedType(call) is { } type && !EventCall.IsDescribable(type, context.Compilation))
            context.ReportDiagnostic(Diagnostic.Create(isReflected, call.Syntax.GetLocation(), type.ToDisplayString()));
    }

    static void AnalyzeEventType(SymbolAnalysisContext context)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (type.TypeKind != TypeKind.Struct || !type.GetAttributes().Any(attribute => SdkNames.IsNamed(attribute.AttributeClass, "LegionEventAttribute"))) return;
        var recorded = EventDescription.Recorded(type);
        foreach (var member in EventDescription.Public(type).Where(member => !recorded.Contains(member)))
            context.ReportDiagnostic(Diagnostic.Create(isNotRecorded, member.Member.Locations.FirstOrDefault(), member.Member.Name, member.Type.ToDisplayString()));
    }
}
