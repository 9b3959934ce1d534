using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;

namespace Legion.Kernel.Cells;

/// <summary>The cells that ran so far: each compiles against the variables and types of those before it.</summary>
sealed class ScriptChain(CellReferences references)
{
    public static readonly ImmutableArray<string> Usings =
    [
        "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Threading", "System.Threading.Tasks",
        "Legion.Notebook", "Microsoft.Data.Analysis",
    ];

    public static readonly CSharpParseOptions ParseOptions =
        new(LanguageVersion.Latest, DocumentationMode.None, SourceCodeKind.Script);

    static readonly Lazy<ScriptOptions> Options = new(() => ScriptOptions.Default
        .WithImports(Usings)
        .WithLanguageVersion(LanguageVersion.Latest)
        .WithOptimizationLevel(OptimizationLevel.Release)
        // Line numbers in stack traces need debug information, which needs an encoding.
        .WithEmitDebugInformation(true)
        .WithFileEncoding(Encoding.UTF8));

    readonly List<string> _codes = [];
    readonly HashSet<string> _files = [];
    readonly Dictionary<string, GuardedCode> _guarded = [];
    ScriptState<object>? _state;
    string _compiledCode = "";

    public CellGlobals Globals { get; } = new();

    public CellReferences References => references;

    /// <summary>What ran, in turn; completion rebuilds the session from it.</summary>
    public IReadOnlyList<string> Codes => _codes;

    public IEnumerable<ScriptVariable> Variables => _state?.Variables ?? [];

    /// <param name="file">What stack traces call the cell.</param>
    public Script<object> Compile(string code, string file, out ImmutableArray<Diagnostic> diagnostics, CancellationToken cancel)
    {
        _compiledCode = code;
        _files.Add(file);
        (var script, diagnostics) = CompilerTurn.Run(() => CompileNow(code, file, cancel), cancel);
        return script;
    }

    (Script<object> Script, ImmutableArray<Diagnostic> Diagnostics) CompileNow(string code, string file, CancellationToken cancel)
    {
        var script = Create(code, file);
        var diagnostics = script.Compile(cancel);
        if (diagnostics.Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error))
            return (script, diagnostics);
        // Only now, so that what the compiler says is said of the code as it was written.
        var guarded = GuardedCode.Of(code);
        if (!guarded.HasLoops)
            return (script, diagnostics);
        _guarded[file] = guarded;
        script = Create(guarded.Text, file);
        script.Compile(cancel);
        return (script, diagnostics);
    }

    /// <summary>The column, from 1, that the user wrote at a place of a stack trace; null where nothing of the session has this name.</summary>
    public int? Column(string file, int line, int column) =>
        !_files.Contains(file) ? null : _guarded.TryGetValue(file, out var guarded) ? guarded.OriginalColumn(line, column) : column;

    /// <summary>Runs what was compiled last. What it declared before it threw stays declared.</summary>
    /// <exception cref="OperationCanceledException">The cell was stopped; what it declared is lost.</exception>
    public async Task<(object? Value, Exception? Exception)> RunAsync(Script<object> script, CancellationToken interrupt)
    {
        Globals.Interrupted = interrupt;
        var before = _state;
        _state = await CellThread<ScriptState<object>>.RunAsync(
            () => before is null ? script.RunAsync(Globals, static _ => true) : script.RunFromAsync(before, static _ => true),
            interrupt).ConfigureAwait(false);
        _codes.Add(_compiledCode);
        return (_state.ReturnValue, _state.Exception);
    }

    Script<object> Create(string code, string file)
    {
        var options = Options.Value.WithReferences(references.All).WithFilePath(file);
        return _state is null
            ? CSharpScript.Create<object>(code, options, typeof(CellGlobals))
            : _state.Script.ContinueWith<object>(code, options);
    }

    public async Task SetVariableAsync(string name, object? value, Type type)
    {
        if (_state?.GetVariable(name) is { IsReadOnly: false } variable && variable.Type == type)
        {
            variable.Value = value;
            return;
        }
        var typeName = CSharpTypeName.Of(type);
        Globals.Pass(name, value);
        var script = Compile($"{typeName} @{name} = {nameof(CellGlobals.PassedValue)}<{typeName}>(\"{name}\");", "host", out var diagnostics, default);
        if (diagnostics.FirstOrDefault(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error) is { } error)
            throw new InvalidOperationException($"cannot declare variable '{name}' of type {type}: {error.GetMessage()}");
        await RunAsync(script, default).ConfigureAwait(false);
    }
}
