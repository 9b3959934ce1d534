using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>A log whose arguments were being evaluated when the thread recorded something else, or that is too long for its segment. It goes on here.</summary>
sealed class SpilledLog
{
    /// <summary>A tag and a number; a tag and the length of a text are less.</summary>
    const int NumberBytes = 9;

    const int TextBytes = 5;

    // What fits into a record that begins an empty segment.
    readonly byte[] bytes = GC.AllocateUninitializedArray<byte>(RecordLayout.MaxBodyBytes - RecordLayout.PrefixBytes);
    int length;
    int room;

    public uint Number { get; private set; }

    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, length);

    /// <summary>Takes over what there is of a log. Of more than a record may have the first arguments and properties are kept, and nothing comes after them.</summary>
    public void Begin(uint number, ReadOnlySpan<byte> soFar)
    {
        Number = number;
        room = bytes.Length;
        length = soFar.Length <= room ? soFar.Length : WholeBytes(soFar, room);
        soFar[..length].CopyTo(bytes);
        if (length == soFar.Length) return;
        if (soFar[length] == (byte)ValueTag.String)
            Append(MemoryMarshal.Cast<byte, char>(soFar.Slice(length + TextBytes, 2 * MemoryMarshal.Read<int>(soFar[(length + 1)..]))));
        room = length;
    }

    public void Null()
    {
        if (length < room) bytes[length++] = (byte)ValueTag.Null;
    }

    /// <summary>Adds the number if there is room for it.</summary>
    public void Append(ValueTag tag, ulong bits)
    {
        if (room - length < NumberBytes) return;
        bytes[length] = (byte)tag;
        MemoryMarshal.Write(bytes.AsSpan(length + 1), bits);
        length += NumberBytes;
    }

    /// <summary>Adds the text; of the last that fits a part.</summary>
    public void Append(ReadOnlySpan<char> text)
    {
        if (room - length < NumberBytes) return;
        Append((byte)ValueTag.String, text[..Math.Min(text.Length, (room - length - TextBytes) / 2)]);
    }

    /// <summary>Adds the key of a property if there is room for it and for the value that is to follow.</summary>
    public bool TryAppendPropertyKey(ReadOnlySpan<char> key)
    {
        if (room - length < TextBytes + 2L * key.Length + NumberBytes) return false;
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

    static int WholeBytes(ReadOnlySpan<byte> arguments, int most)
    {
        var (whole, at) = (0, 0);
        while (at < arguments.Length)
        {
            var tag = arguments[at];
            at += tag switch
            {
                (byte)ValueTag.Null => 1,
                (byte)ValueTag.String or RecordLayout.LogProperty => TextBytes + 2 * MemoryMarshal.Read<int>(arguments[(at + 1)..]),
                _ => NumberBytes,
            };
            if (at > most) break;
            // The key of a property is nothing without the value behind it.
            if (tag != RecordLayout.LogProperty) whole = at;
        }
        return whole;
    }
}

/// <summary>Logs are put together behind the thread's position while the program's own code runs between their arguments.</summary>
sealed unsafe partial class ThreadContext
{
    /// <summary>More logs than this within one another are logs that an exception left unfinished.</summary>
    const int MostSpilled = 32;

    // Innermost last.
    readonly List<SpilledLog> spilled = [];
    readonly Stack<SpilledLog> unused = [];

    /// <summary>
    /// Begins a log with the number <c>LogNumber - 1 | 1</c>, which is the pending one where there is room and its holes fit what is reserved.
    /// What is recorded meanwhile takes the slow way. Where memory is full no log goes by the number, and it will be lost.
    /// </summary>
    /// <returns>The cursor to append at; null when nothing records.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Cursor* BeginLogSlowly(Cursor* cursor, int holes)
    {
        if (Of(cursor) is not { } context) return null;
        cursor = context.Cursor;
        var hasRoom = context.Room(LeastRoom) is not null;
        cursor->LogNumber++;
        if (hasRoom)
        {
            cursor->Pending = cursor->Position + RecordLayout.PrefixBytes;
            cursor->Limit = null;
            if (holes > LogArguments.MostReserved) context.SpillLog();
        }
        else
        {
            cursor->LogNumber++;
        }
        return cursor;
    }

    /// <summary>Where the log of the number goes on that another record interrupted or that is too long; null when it was taken for unfinished, or is lost.</summary>
    /// <param name="at">How far it has been put together, where it is the pending one.</param>
    public static SpilledLog? Spilled(Cursor* cursor, uint number, byte* at)
    {
        if (Of(cursor) is not { } context || context.Cursor != cursor) return null;
        if (cursor->LogNumber == number)
        {
            cursor->Pending = at;
            context.SpillLog();
        }
        return context.Find(number);
    }

    /// <summary>Appends a log that was spilled.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void CommitLogSlowly(Cursor* cursor, uint number, byte level, uint template, ulong tick)
    {
        if (Of(cursor) is not { } context) return;
        var log = context.Cursor == cursor ? context.Find(number) : null;
        if (log is null)
        {
            context.Lose(LostKind.Log, tick, RecordLayout.PrefixBytes);
            return;
        }
        context.Append(RecordKind.Log, level, template, log, static (in SpilledLog log, ref RecordWriter writer) => writer.Fixed(log.Written));
        context.Reuse(log);
    }

    SpilledLog? Find(uint number)
    {
        // Logs within this one that did not finish never will.
        while (spilled.Count > 0 && spilled[^1].Number != number && spilled.Exists(log => log.Number == number)) Reuse(spilled[^1]);
        return spilled.Count > 0 && spilled[^1].Number == number ? spilled[^1] : null;
    }

    /// <summary>Moves the pending log out of the way.</summary>
    void SpillLog()
    {
        var start = Cursor->Position + RecordLayout.PrefixBytes;
        if (spilled.Count == MostSpilled) Reuse(spilled[0]);
        var log = unused.TryPop(out var known) ? known : new SpilledLog();
        log.Begin(Cursor->LogNumber, new ReadOnlySpan<byte>(start, (int)(Cursor->Pending - start)));
        spilled.Add(log);
        Cursor->LogNumber++;
        Cursor->Limit = Cursor->OpenLimit;
    }

    void Reuse(SpilledLog log)
    {
        spilled.Remove(log);
        unused.Push(log);
    }
}
