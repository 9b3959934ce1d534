using System.ComponentModel;
using System.Runtime.CompilerServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Takes the arguments of a log's interpolated string as they are; the text is put together by whoever reads it.
/// Literals, names and formats come from the source generator, or are learnt when a call site is first reached.
/// </summary>
/// <remarks>
/// No call takes the address of this or of a field, and only a slow way is a call at all: so the fields stay in registers from one argument to the next.
/// </remarks>
[InterpolatedStringHandler]
[EditorBrowsable(EditorBrowsableState.Never)]
public unsafe ref partial struct LogMessage
{
    /// <summary>Null where nothing is recorded.</summary>
    readonly Cursor* cursor;

    readonly LogSite? site;
    readonly uint number;

    /// <summary>Where the next argument goes while the log is the pending one.</summary>
    byte* at;

    /// <summary>The last of the string so far; null where the source generator knows the whole.</summary>
    LogPiece? piece;

    /// <param name="enabled">False when nothing is recorded at this level: the arguments are then not evaluated.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LogMessage(int literalLength, int formattedCount, Level level, out bool enabled, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        var cursor = Cursor.Current;
        var site = LogSite.Cached(file, line, literalLength, formattedCount);
        if (cursor is not null && formattedCount <= LogArguments.MostReserved && site.IsAt(file, line, literalLength, formattedCount))
        {
            enabled = level >= site.MinimumLevel;
            if (!enabled) return;
            var begin = cursor->Position;
            if (begin < cursor->Limit)
            {
                this.cursor = cursor;
                this.site = site;
                number = cursor->LogNumber + 1;
                at = begin + RecordLayout.PrefixBytes;
                piece = site.First;
                cursor->LogNumber = number;
                cursor->Pending = at;
                // Records that the evaluation of an argument makes find no room, and move this one out of their way.
                cursor->Limit = null;
                return;
            }
        }
        // All is looked at again, so that nothing has to be kept meanwhile.
        cursor = LogArguments.BeginSlowly(literalLength, formattedCount, level, file, line);
        enabled = cursor is not null;
        if (!enabled) return;
        this.cursor = cursor;
        this.site = site = LogSite.Find(file, line, literalLength, formattedCount);
        number = cursor->LogNumber - 1 | 1;
        at = cursor->Pending;
        piece = site.First;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AppendLiteral(string value)
    {
        if (piece is not null) piece = piece.Literal(value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AppendFormatted<T>(T value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (piece is not null) piece = piece.Hole(name, 0, null);
        at = LogArguments.Append(cursor, number, at, value, null);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AppendFormatted<T>(T value, string? format, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (piece is not null) piece = piece.Hole(name, 0, format);
        at = LogArguments.Append(cursor, number, at, value, format);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AppendFormatted<T>(T value, int alignment, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (piece is not null) piece = piece.Hole(name, alignment, null);
        at = LogArguments.Append(cursor, number, at, value, null);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AppendFormatted<T>(T value, int alignment, string? format, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (piece is not null) piece = piece.Hole(name, alignment, format);
        at = LogArguments.Append(cursor, number, at, value, format);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AppendFormatted(ReadOnlySpan<char> value, int alignment = 0, string? format = null, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (piece is not null) piece = piece.Hole(name, alignment, format);
        at = LogArguments.Text(cursor, number, at, value);
    }

    /// <summary>Completes a log whose template has been learnt, or now is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly void Commit(Level level)
    {
        if (cursor is not null) LogArguments.Commit(cursor, number, at, level, (piece?.Declaration ?? site!.Learn(piece)).Id);
    }

    /// <summary>Completes a log of a template that is known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly void Commit(Level level, uint template)
    {
        if (cursor is not null) LogArguments.Commit(cursor, number, at, level, template);
    }
}
