using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Directives;
using Microsoft.DotNet.Interactive.Events;
using Microsoft.DotNet.Interactive.Formatting;

namespace Microsoft.DotNet.Interactive;

public delegate Task KernelCommandInvocation(KernelCommand command, KernelInvocationContext context);

public delegate Task KernelPipelineContinuation(KernelCommand command, KernelInvocationContext context);

public delegate Task KernelCommandPipelineMiddleware(KernelCommand command, KernelInvocationContext context, KernelPipelineContinuation next);

public interface IKernelCommandHandler<in TCommand>
    where TCommand : KernelCommand
{
    Task HandleAsync(TCommand command, KernelInvocationContext context);
}

public sealed class KernelInfo
{
    public string? LanguageName { get; set; }

    public string? DisplayName { get; set; }

    public ICollection<KernelDirective> SupportedDirectives { get; } = new List<KernelDirective>();
}

public abstract class Kernel(string name)
{
    // Each test has a host of its own.
    static readonly AsyncLocal<Kernel?> Running = new();

    readonly List<KernelCommandPipelineMiddleware> _middlewares = [];

    public static Kernel? Root => Running.Value;

    public string Name { get; } = name;

    public KernelInfo KernelInfo { get; } = new();

    public abstract KernelSpecifierDirective KernelSpecifierDirective { get; }

    public void AddMiddleware(KernelCommandPipelineMiddleware middleware, string caller = "") => _middlewares.Add(middleware);

    /// <summary>Adds the directive to those of the kernel, whether or not it is a sub-command of another.</summary>
    public void AddDirective(KernelActionDirective directive, KernelCommandInvocation handler)
    {
        KernelInfo.SupportedDirectives.Add(directive);
        Handlers[directive] = handler;
    }

    internal Dictionary<KernelActionDirective, KernelCommandInvocation> Handlers { get; } = [];

    internal static void Enter(Kernel root) => Running.Value = root;

    internal Task PassAsync(KernelCommand command, KernelInvocationContext context, KernelPipelineContinuation last)
    {
        foreach (var middleware in _middlewares.AsEnumerable().Reverse())
        {
            var next = last;
            last = (passed, its) => middleware(passed, its, next);
        }
        return last(command, context);
    }

    internal Task HandleAsync(KernelCommand command, KernelInvocationContext context) => (this, command) switch
    {
        (IKernelCommandHandler<SubmitCode> handler, SubmitCode code) => handler.HandleAsync(code, context),
        (IKernelCommandHandler<RequestCompletions> handler, RequestCompletions asked) => handler.HandleAsync(asked, context),
        (IKernelCommandHandler<RequestHoverText> handler, RequestHoverText asked) => handler.HandleAsync(asked, context),
        _ => Task.CompletedTask,
    };
}

public sealed class KernelInvocationContext(KernelCommand command)
{
    public KernelCommand Command { get; } = command;

    public CancellationToken CancellationToken { get; init; }

    /// <summary>In their order.</summary>
    public List<DisplayedValue> Displayed { get; } = [];

    public List<KernelEvent> Events { get; } = [];

    public string? Failure { get; private set; }

    public void Publish(KernelEvent kernelEvent) => Events.Add(kernelEvent);

    public void Fail(KernelCommand command, Exception? exception = null, string? message = null) => Failure ??= message ?? exception?.ToString() ?? "failed";
}

public static class KernelInvocationContextExtensions
{
    public static DisplayedValue Display(this KernelInvocationContext context, object value, params string[] mimeTypes)
    {
        var displayed = new DisplayedValue(value, mimeTypes);
        context.Displayed.Add(displayed);
        return displayed;
    }
}

public static class KernelExtensions
{
    /// <returns>Null where there is none.</returns>
    public static Kernel? FindKernelByName(this Kernel kernel, string name) =>
        (kernel as CompositeKernel)?.ChildKernels.FirstOrDefault(child => child.Name == name) ?? (kernel.Name == name ? kernel : null);
}
