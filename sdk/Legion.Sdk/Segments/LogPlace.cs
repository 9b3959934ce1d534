using Legion.Format;

namespace Legion.Sdk;

/// <summary>How far a log is put together, for what happens off the fast path.</summary>
/// <param name="begin">Of its record, while it is the pending one.</param>
/// <param name="offset">From there to the next argument.</param>
/// <param name="number">What the cursor counted when it began, and perhaps <see cref="Learning"/>.</param>
/// <param name="tags">Those of its arguments so far.</param>
/// <param name="count">Arguments so far.</param>
readonly unsafe ref struct LogPlace(Cursor* cursor, byte* begin, int offset, uint number, ulong tags, int count)
{
    /// <summary>The template is being learnt: no argument takes the fast path.</summary>
    public const uint Learning = 1u << 31;

    public Cursor* Cursor => cursor;
    public byte* At => begin + offset;
    public int Offset => offset;
    public uint Number => number & ~Learning;
    public ulong Tags => tags;
    public int Count => count;
    public bool IsPending => cursor->LogsMoved == Number;

    /// <summary>Bytes left in the segment for a text, where as many numbers as a log may have are still to fit behind it.</summary>
    public long Room => cursor->OpenLimit - At;

    /// <summary>Says that the log has all its arguments, the last of them with this tag and of so many bytes. Whoever commits it finds the end in the cursor.</summary>
    public void Finish(ValueTag tag, int bytes)
    {
        if (IsPending) cursor->Pending = LogArguments.Finish(begin, offset + bytes, tags | (ulong)tag << LogReader.TagBits * count);
    }
}
