using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>A log whose arguments were being evaluated when the thread recorded something else, or that is too long for its segment. It goes on here.</summary>
sealed class MovedLog
{
    /// <summary>A tag and a number; a tag and the length of a text are less.</summary>
    const int NumberBytes = 9;

    const int TextBytes = 5;

    // What fits into a record that begins an empty segment.
    readonly byte[] bytes = GC.AllocateUninitializedArray<byte>(RecordLayout.MaxBodyBytes - RecordLayout.PrefixBytes);
    byte[] inPlace = [];
    int length;
    int movedBytes;

    public uint Number { get; private set; }

    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, length);

    /// <summary>Takes what lay in the place of a log's record, and perhaps behind it: how much of it is the log's only its owner knows.</summary>
    public void Begin(uint number, ReadOnlySpan<byte> soFar)
    {
        Number = number;
        length = 0;
        movedBytes = soFar.Length;
        if (inPlace.Length < movedBytes) inPlace = GC.AllocateUninitializedArray<byte>(Math.Max(movedBytes, Cursor.ReservedBytes));
        soFar.CopyTo(inPlace);
    }

    /// <summary>The log had all its arguments when it was moved, and its record says which. Nulls at the end need not be there.</summary>
    public void Settle()
    {
        if (movedBytes < LogArguments.FirstOffset) return;
        var tags = MemoryMarshal.Read<ulong>(inPlace.AsSpan(RecordLayout.PrefixBytes));
        Settle(movedBytes, tags, (64 - BitOperations.LeadingZeroCount(tags) + LogReader.TagBits - 1) / LogReader.TagBits);
    }

    /// <summary>The owner says which arguments it had when its log was moved. Of more than a record may have the first are kept.</summary>
    public void Settle(int offset, ulong tags, int count)
    {
        if (movedBytes < 0) return;
        var known = Math.Min(movedBytes, offset);
        var rest = known > LogArguments.FirstOffset ? inPlace.AsSpan(LogArguments.FirstOffset, known - LogArguments.FirstOffset) : [];
        movedBytes = -1;
        for (var isWanted = true; count > 0; count--, tags >>= LogReader.TagBits)
        {
            var tag = tags & LogReader.TagMask;
            var isText = tag is (ulong)ValueTag.String or RecordLayout.LogPropertyBits;
            var characters = isText && rest.Length >= sizeof(int) ? MemoryMarshal.Read<int>(rest) : LogReader.NullLength;
            var size = tag == (ulong)ValueTag.Null ? 0 : LogReader.TextBytes(characters);
            // Nothing is left where the recording ended meanwhile.
            if ((uint)size > (uint)rest.Length) return;
            var text = characters == LogReader.NullLength ? default : MemoryMarshal.Cast<byte, char>(rest[sizeof(int)..])[..characters];
            // The value of a property whose key did not fit is left out with it.
            if (tag == RecordLayout.LogPropertyBits) isWanted = TryAppendPropertyKey(text);
            else if (!isWanted) isWanted = true;
            else if (!isText && size > 0) Append((ValueTag)tag, MemoryMarshal.Read<ulong>(rest));
            else if (characters == LogReader.NullLength) Null();
            else Append(text);
            rest = rest[size..];
        }
    }

    public void Null()
    {
        if (length < bytes.Length) bytes[length++] = (byte)ValueTag.Null;
    }

    /// <summary>Adds the number if there is room for it.</summary>
    public void Append(ValueTag tag, ulong bits)
    {
        if (bytes.Length - length < NumberBytes) return;
        bytes[length] = (byte)tag;
        MemoryMarshal.Write(bytes.AsSpan(length + 1), bits);
        length += NumberBytes;
    }

    /// <summary>Adds the text; of the last that fits a part.</summary>
    public void Append(ReadOnlySpan<char> text)
    {
        if (bytes.Length - length < NumberBytes) return;
        Append((byte)ValueTag.String, text[..Math.Min(text.Length, (bytes.Length - length - TextBytes) / 2)]);
    }

    /// <summary>Adds the key of a property if there is room for it and for the value that is to follow.</summary>
    public bool TryAppendPropertyKey(ReadOnlySpan<char> key)
    {
        if (bytes.Length - length < TextBytes + 2L * key.Length + NumberBytes) return false;
        Append(RecordLayout.LogProperty, key);
        return true;
    }

    void Append(byte tag, ReadOnlySpan<char> text)
    {
        bytes[length] = tag;
        MemoryMarshal.Write(bytes.AsSpan(length + 1), text.Length);
        MemoryMarshal.AsBytes(text).CopyTo(bytes.AsSpan(length + TextBytes));
        length += TextBytes + 2 * text.Length;
    }
}

/// <summary>Logs are put together behind the thread's position while the program's own code runs between their arguments.</summary>
sealed unsafe partial class ThreadContext
{
    /// <summary>More logs than this within one another are logs that an exception left unfinished.</summary>
    const int MostMoved = 32;

    // Innermost last.
    readonly List<MovedLog> moved = [];
    readonly Stack<MovedLog> unused = [];

    // The logs that are learnt, innermost last, and the last piece of each so far.
    readonly List<(uint Number, LogPiece Piece)> learning = [];

    /// <summary>
    /// Begins a log behind the position, or elsewhere where it has more arguments than go there. What is recorded meanwhile takes the slow way.
    /// Where memory is full no log goes by the number, and it will be lost.
    /// </summary>
    /// <param name="first">Where its template is learnt: the begin of it.</param>
    /// <returns>The cursor to append at, which has the number; null when nothing records.</returns>
    public static Cursor* BeginLogSlowly(Cursor* cursor, int holes, LogPiece? first)
    {
        if (Of(cursor) is not { } context) return null;
        cursor = context.Cursor;
        var hasRoom = context.Room(LeastRoom) is not null;
        cursor->Begun = cursor->LogsMoved;
        cursor->Pending = null;
        if (hasRoom) cursor->Limit = null;
        if (!hasRoom) context.CountMoved();
        else if (holes > LogArguments.Most) context.MoveLog();
        if (first is not null)
        {
            if (context.learning.Count == MostMoved) context.learning.RemoveAt(0);
            context.learning.Add((cursor->Begun, first));
            cursor->Begun |= LogPlace.Learning;
        }
        return cursor;
    }

    /// <summary>Learns the next hole of a log.</summary>
    /// <param name="literal">Before it.</param>
    public static void LearnHole(in LogPlace place, string? literal, string name, int alignment, string? format)
    {
        if (Of(place.Cursor) is not { } context || context.FindLearning(place.Number) is not (>= 0 and var at)) return;
        ref var log = ref CollectionsMarshal.AsSpan(context.learning)[at];
        if (literal is not null) log.Piece = log.Piece.Literal(literal);
        log.Piece = log.Piece.Hole(name, alignment, format);
    }

    /// <summary>The last piece that was learnt of a log, which ends with this; null where nothing was.</summary>
    public static LogPiece? TakeLearnt(Cursor* cursor, uint number, string? literal)
    {
        if ((number & LogPlace.Learning) == 0 || Of(cursor) is not { } context) return null;
        var at = context.FindLearning(number & ~LogPlace.Learning);
        if (at < 0) return null;
        var piece = context.learning[at].Piece;
        // Logs within this one that did not finish never will.
        context.learning.RemoveRange(at, context.learning.Count - at);
        return literal is null ? piece : piece.Literal(literal);
    }

    /// <summary>Learns a literal that another follows, as of strings that are added.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void LearnLiteral(Cursor* cursor, uint number, string literal)
    {
        if (TakeLearnt(cursor, number, literal) is { } piece) current!.learning.Add((number & ~LogPlace.Learning, piece));
    }

    /// <summary>Where a log goes on that another record interrupted or that does not fit in its place; null when it was taken for unfinished, or is lost.</summary>
    public static MovedLog? Moved(in LogPlace place)
    {
        if (Of(place.Cursor) is not { } context || context.Cursor != place.Cursor) return null;
        if (place.IsPending) context.MoveLog();
        var log = context.Find(place.Number);
        log?.Settle(place.Offset, place.Tags, place.Count);
        return log;
    }

    /// <summary>Appends a log that was moved.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void CommitMovedLog(Cursor* cursor, uint number, byte level, uint template, ulong tick)
    {
        if (Of(cursor) is not { } context) return;
        var log = context.Cursor == cursor ? context.Find(number) : null;
        log?.Settle();
        if (log is null)
        {
            context.Lose(LostKind.Log, tick, RecordLayout.PrefixBytes);
            return;
        }
        context.Append(RecordKind.Log, level, template, log, static (in MovedLog log, ref RecordWriter writer) => writer.Fixed(log.Written));
        context.Reuse(log);
    }

    int FindLearning(uint number)
    {
        for (var at = learning.Count - 1; at >= 0; at--)
            if (learning[at].Number == number) return at;
        return -1;
    }

    MovedLog? Find(uint number)
    {
        // Logs within this one that did not finish never will.
        while (moved.Count > 0 && moved[^1].Number != number && moved.Exists(log => log.Number == number)) Reuse(moved[^1]);
        return moved.Count > 0 && moved[^1].Number == number ? moved[^1] : null;
    }

    /// <summary>Moves the pending log out of the way, with all that may be of it.</summary>
    void MoveLog()
    {
        if (moved.Count == MostMoved) Reuse(moved[0]);
        var log = unused.TryPop(out var known) ? known : new MovedLog();
        var begin = Cursor->Position;
        var end = Cursor->End;
        var reserved = (Cursor->Pending > begin && Cursor->Pending <= end ? Cursor->Pending : begin) + Sdk.Cursor.ReservedBytes;
        var bytes = (reserved < end ? reserved : end) - begin;
        log.Begin(Cursor->LogsMoved, bytes > 0 ? new ReadOnlySpan<byte>(begin, (int)bytes) : []);
        moved.Add(log);
        CountMoved();
        Cursor->Limit = Cursor->OpenLimit;
    }

    void CountMoved() => Cursor->LogsMoved = (Cursor->LogsMoved + 1) & ~LogPlace.Learning;

    void Reuse(MovedLog log)
    {
        moved.Remove(log);
        unused.Push(log);
    }
}
