using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Legion.Format;
using Legion.Sdk;
using Legion.Sdk.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using Xunit;

namespace Legion.Tests.Sdk;

/// <summary>A program of one file, compiled with the source generator or without.</summary>
sealed class CompiledProgram
{
    public const string File = "/src/Program.cs";

    static readonly ImmutableArray<MetadataReference> references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var name && (name.StartsWith("System.", StringComparison.Ordinal) || name is "Legion.Sdk.dll" or "Legion.Format.dll"))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    readonly byte[] image;

    CompiledProgram(byte[] image, string generated, ImmutableArray<Diagnostic> diagnostics)
    {
        this.image = image;
        Generated = generated;
        Diagnostics = diagnostics;
    }

    /// <summary>What the generator added; empty if it found nothing to do.</summary>
    public string Generated { get; }

    /// <summary>What the analyzer and the compiler say.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; }

    /// <param name="interceptors">False for a project that does not enable them.</param>
    public static async Task<CompiledProgram> Of(string source, bool interceptors = true)
    {
        var options = CSharpParseOptions.Default.WithFeatures(interceptors ? [new("InterceptorsNamespaces", "Other;Legion.Sdk.Generated")] : []);
        var written = CSharpCompilation.Create(
            "program", [CSharpSyntaxTree.ParseText(SourceText.From(source, System.Text.Encoding.UTF8), options, File)], references,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
        var driver = CSharpGeneratorDriver.Create([new CallGenerator().AsSourceGenerator()], parseOptions: options)
            .RunGeneratorsAndUpdateCompilation(written, out var compilation, out var generatorSays, TestContext.Current.CancellationToken);
        Assert.Empty(generatorSays);
        using var image = new MemoryStream();
        var emitted = compilation.Emit(image, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(emitted.Success, string.Join('\n', emitted.Diagnostics));
        var analyzed = await compilation.WithAnalyzers([new CallAnalyzer()]).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);
        var generated = string.Concat(driver.GetRunResult().GeneratedTrees.Select(tree => tree.ToString()));
        return new CompiledProgram(image.ToArray(), generated, [.. analyzed, .. emitted.Diagnostics.Where(diagnostic => diagnostic.Severity > DiagnosticSeverity.Hidden)]);
    }

    /// <summary>Runs the program while a recording runs, and gives what it recorded.</summary>
    public MemorySink Record(Level minimum = Level.Debug) => Record(minimum, this);

    /// <summary>The same for programs that run one after the other.</summary>
    public static MemorySink Record(Level minimum, params CompiledProgram[] programs)
    {
        var sink = new MemorySink();
        using (Telemetry.Start(new TelemetryOptions { Sink = sink, MinimumLevel = minimum }))
        {
            foreach (var program in programs) program.LoadAndRun();
        }
        return sink;
    }

    /// <summary>Loads the program, runs it and lets go of it.</summary>
    /// <returns>What tells whether it is gone.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public WeakReference LoadAndRun()
    {
        var context = new AssemblyLoadContext("program", isCollectible: true);
        var entry = context.LoadFromStream(new MemoryStream(image)).EntryPoint!;
        entry.Invoke(null, BindingFlags.DoNotWrapExceptions, null, entry.GetParameters().Length == 0 ? [] : [Array.Empty<string>()], null);
        context.Unload();
        return new WeakReference(context);
    }
}
