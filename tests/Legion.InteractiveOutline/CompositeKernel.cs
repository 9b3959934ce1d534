using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Directives;

namespace Microsoft.DotNet.Interactive;

/// <summary>A host with its kernels. What it is sent it splits at lines that begin with a directive, and hands on in their order.</summary>
public sealed class CompositeKernel : Kernel
{
    public CompositeKernel()
        : base(".NET")
    {
    }

    public override KernelSpecifierDirective KernelSpecifierDirective => throw new NotSupportedException("a host is not chosen");

    public List<Kernel> ChildKernels { get; } = [];

    public string DefaultKernelName { get; set; } = "csharp";

    public void Add(Kernel kernel)
    {
        KernelInfo.SupportedDirectives.Add(kernel.KernelSpecifierDirective);
        ChildKernels.Add(kernel);
    }

    public async Task<KernelInvocationContext> SendAsync(SubmitCode cell)
    {
        Enter(this);
        var context = new KernelInvocationContext(cell);
        var parts = Split(cell.Code, cell.TargetKernelName).ToList();
        // What needs no splitting is no part of another command.
        if (parts is [{ Kernel: { } only }])
            await PassAsync(cell, context, only.HandleAsync);
        foreach (var (text, _, kernel) in parts.Count == 1 && parts[0].Kernel is not null ? [] : parts)
        {
            if (kernel is not null)
                await RunAsync(new SubmitCode(text, kernel.Name), cell, context, kernel.HandleAsync);
            else if (Words(text) is var words && Directive<KernelActionDirective>(words[0]) is { } action)
                await RunAsync(new DirectiveCommand(), cell, context, Handlers[action.Subcommands.FirstOrDefault(verb => verb.Name == words.ElementAtOrDefault(1)) ?? action].Invoke);
            else if (Directive<KernelSpecifierDirective>(words[0]) is null)
                context.Fail(cell, message: $"unknown directive {words[0]}");
            if (context.Failure is not null)
                break;
        }
        return context;
    }

    /// <summary>Asks whoever has the part of the cell at the position, which hears of no other.</summary>
    /// <param name="ask">Makes a command of the part's text and the position in it.</param>
    public async Task<KernelInvocationContext> AskAsync(string cell, LinePosition position, Func<string, LinePosition, LanguageServiceCommand> ask)
    {
        Enter(this);
        var (text, line, kernel) = Split(cell, null).Last(part => part.Line <= position.Line);
        var command = ask(text, position with { Line = position.Line - line });
        var context = new KernelInvocationContext(command);
        await PassAsync(command, context, kernel is null ? static (_, _) => Task.CompletedTask : kernel.HandleAsync);
        return context;
    }

    async Task RunAsync(KernelCommand command, SubmitCode cell, KernelInvocationContext context, KernelPipelineContinuation handle)
    {
        command.SetParent(cell);
        await PassAsync(command, context, handle);
    }

    /// <summary>Parts without the spaces at their ends. The kernel of one that is a directive is null.</summary>
    IEnumerable<(string Text, int Line, Kernel? Kernel)> Split(string cell, string? target)
    {
        var lines = cell.Split('\n');
        var kernel = this.FindKernelByName(target ?? DefaultKernelName);
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith("#!", StringComparison.Ordinal))
            {
                if (Directive<KernelSpecifierDirective>(Words(lines[i])[0]) is { } chosen)
                    kernel = this.FindKernelByName(chosen.KernelName);
                yield return (lines[i].Trim(), i, null);
                continue;
            }
            var end = i;
            while (end < lines.Length && !lines[end].StartsWith("#!", StringComparison.Ordinal))
                end++;
            var text = string.Join('\n', lines[i..end]).Trim();
            if (text.Length > 0)
                yield return (text, i, kernel);
            i = end - 1;
        }
    }

    T? Directive<T>(string name)
        where T : KernelDirective => KernelInfo.SupportedDirectives.OfType<T>().FirstOrDefault(directive => directive.Name == name);

    static string[] Words(string line) => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A directive of which nobody is told the text.</summary>
    sealed class DirectiveCommand() : KernelCommand(null);
}
