using System.Runtime.CompilerServices;

namespace Legion.Sdk;

/// <summary>An open span; disposing it ends the span. Belongs to the thread that began it.</summary>
public readonly ref struct SpanScope
{
    readonly ThreadContext? context;
    readonly int depth;

    internal SpanScope(ThreadContext context, int depth)
    {
        this.context = context;
        this.depth = depth;
    }

    /// <summary>Ends the span and begins another in its place, at the same moment.</summary>
    /// <param name="name">A literal.</param>
    public void Next(string name, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (context is null) return;
        var declaration = DeclarationTable.Find(name, file, line, "");
        if (declaration.NameIsDynamic) context.NextSpan(depth, declaration.Id, name);
        else context.NextSpan(depth, declaration.Id);
    }

    /// <summary>Ends the span and begins another in its place, at the same moment.</summary>
    public void Next(SpanSite site) => context?.NextSpan(depth, site.Id);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose() => context?.EndSpan(depth);
}

/// <summary>A property of what the thread records; disposing it ends that.</summary>
public readonly ref struct ContextScope
{
    readonly ThreadContext? context;
    readonly int depth;

    internal ContextScope(ThreadContext context, int depth)
    {
        this.context = context;
        this.depth = depth;
    }

    public void Dispose() => context?.PopContext(depth);
}
