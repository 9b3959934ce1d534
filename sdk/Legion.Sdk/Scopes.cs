using System.Runtime.CompilerServices;

namespace Legion.Sdk;

/// <summary>An open span; disposing it ends the span. Belongs to the thread that began it.</summary>
public readonly unsafe ref struct SpanScope
{
    readonly Cursor* cursor;
    readonly byte* begin;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal SpanScope(Cursor* cursor, byte* begin)
    {
        this.cursor = cursor;
        this.begin = begin;
    }

    /// <summary>Ends the span and begins another in its place, at the same moment.</summary>
    /// <param name="name">A literal.</param>
    public void Next(string name, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (cursor is null) return;
        var declaration = DeclarationTable.Find(name, file, line, "");
        if (declaration.NameIsDynamic) ThreadContext.NextSpan(cursor, begin, declaration.Id, name);
        else Cursor.NextSpan(cursor, begin, declaration.Id);
    }

    /// <summary>Ends the span and begins another in its place, at the same moment.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Next(SpanSite site)
    {
        if (cursor is not null) Cursor.NextSpan(cursor, begin, site.Id);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        if (cursor is not null) Cursor.EndSpan(cursor, begin);
    }
}

/// <summary>A property of what the thread records; disposing it ends that.</summary>
public readonly unsafe ref struct ContextScope
{
    readonly Cursor* cursor;
    readonly byte* push;

    internal ContextScope(Cursor* cursor, byte* push)
    {
        this.cursor = cursor;
        this.push = push;
    }

    public void Dispose()
    {
        if (cursor is not null) ThreadContext.PopContext(cursor, push);
    }
}
