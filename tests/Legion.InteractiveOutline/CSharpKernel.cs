using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Directives;

namespace Microsoft.DotNet.Interactive.CSharp;

/// <param name="options">References of the session.</param>
public sealed class CSharpKernel(ScriptOptions options) : Kernel("csharp"), IKernelCommandHandler<SubmitCode>
{
    public override KernelSpecifierDirective KernelSpecifierDirective { get; } = new("#!csharp", "csharp");

    public ScriptState? ScriptState { get; private set; }

    public bool TryGetValue<T>(string name, out T? value)
    {
        var variable = ScriptState?.Variables.LastOrDefault(variable => variable.Name == name);
        value = variable is null ? default : (T)variable.Value;
        return variable is not null;
    }

    /// <param name="declaredType">One that is written as its full name.</param>
    public async Task SetValueAsync(string name, object value, Type declaredType)
    {
        await RunAsync($"{declaredType.FullName} {name} = default;");
        ScriptState!.GetVariable(name).Value = value;
    }

    async Task IKernelCommandHandler<SubmitCode>.HandleAsync(SubmitCode command, KernelInvocationContext context)
    {
        try
        {
            await RunAsync(command.Code);
            if (ScriptState!.ReturnValue is { } value)
                context.Display(value);
        }
        catch (CompilationErrorException error)
        {
            context.Fail(command, message: error.Message);
        }
    }

    async Task RunAsync(string code) =>
        ScriptState = ScriptState is null ? await CSharpScript.RunAsync(code, options) : await ScriptState.ContinueWithAsync(code, options);
}
