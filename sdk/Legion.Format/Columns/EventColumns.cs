using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Legion.Format;

/// <summary>
/// Collects the events of one block in encoding 1. Begins and ends of spans go straight into columns;
/// of events that are written as rows, types and ticks are taken here, and their other fields when the block is finished.
/// </summary>
sealed class EventColumns
{
    /// <summary>Set in a type's number where the event has the tick of the one before.</summary>
    const byte SameTick = 0x80;

    /// <summary>What the events that have no row would take as one.</summary>
    const int SpanBeginRowBytes = 14, SpanEndRowBytes = 10;

    readonly Schema schema;
    readonly bool wideTypes;
    readonly bool isWellKnown;
    readonly List<int>?[] rowsOfType;
    byte[] types = new byte[1024];
    byte[] ticks = new byte[1024];
    byte[] sites = new byte[1024];
    int typeBytes, tickBytes, siteBytes, spanRowBytes, scanned;
    ulong lastTick;

    /// <param name="schema">One that <see cref="CanHold"/> is true of.</param>
    public EventColumns(Schema schema)
    {
        this.schema = schema;
        wideTypes = HasWideTypes(schema);
        isWellKnown = schema == WellKnown.Schema;
        rowsOfType = new List<int>?[schema.Types.Count];
    }

    /// <summary>True where begins and ends of spans may be written with <see cref="SpanBegin"/> and <see cref="SpanEnd"/>.</summary>
    public bool TakesSpans => isWellKnown;

    /// <summary>Bytes that the begins and ends of spans would take as rows.</summary>
    public int SpanRowBytes => spanRowBytes;

    /// <summary>True where no variable field overlaps another field, and the types have numbers of at most fifteen bits.</summary>
    public static bool CanHold(Schema schema) => schema.Types.Count <= SameTick << 8 && schema.Types.All(type => type.FitsColumns);

    /// <summary>True for schemas whose types have numbers beyond seven bits.</summary>
    public static bool HasWideTypes(Schema schema) => schema.Types.Count > SameTick;

    public void Clear()
    {
        (typeBytes, tickBytes, siteBytes, spanRowBytes, scanned, lastTick) = (0, 0, 0, 0, 0, 0);
        foreach (var rows in rowsOfType) rows?.Clear();
    }

    /// <param name="rows">The block's events that were written as rows.</param>
    public void SpanBegin(ByteWriter rows, ulong tick, uint site)
    {
        if (rows.Length != scanned) Scan(rows.Written);
        spanRowBytes += SpanBeginRowBytes;
        Begin(tick, site);
    }

    /// <param name="rows">The block's events that were written as rows.</param>
    public void SpanEnd(ByteWriter rows, ulong tick)
    {
        if (rows.Length != scanned) Scan(rows.Written);
        spanRowBytes += SpanEndRowBytes;
        Event(SpanEndEvent.Index, tick);
    }

    /// <summary>Begins and ends of spans in their order: most of what a trace consists of.</summary>
    /// <param name="rows">The block's events that were written as rows.</param>
    /// <param name="sites">Of each begin one more than its reference.</param>
    public void Spans(ByteWriter rows, ReadOnlySpan<byte> types, ReadOnlySpan<ulong> ticks, ReadOnlySpan<uint> sites)
    {
        if (rows.Length != scanned) Scan(rows.Written);
        Reserve(ref this.types, typeBytes, types.Length);
        Reserve(ref this.ticks, tickBytes, ticks.Length * Varint.MaxBytes);
        Reserve(ref this.sites, siteBytes, sites.Length * Varint.MaxBytes);
        types.CopyTo(this.types.AsSpan(typeBytes));
        tickBytes += TickColumn.Write(ticks, lastTick, this.types.AsSpan(typeBytes, types.Length), SameTick, ref this.ticks[tickBytes]);
        siteBytes += Sites(sites, ref this.sites[siteBytes]);
        typeBytes += types.Length;
        lastTick = ticks[^1];
        spanRowBytes += (types.Length - sites.Length) * SpanEndRowBytes + sites.Length * SpanBeginRowBytes;
    }

    static int Sites(ReadOnlySpan<uint> sites, ref byte at)
    {
        var bytes = 0;
        foreach (var site in sites)
        {
            if (site < 0x80) Unsafe.Add(ref at, bytes++) = (byte)site;
            else bytes += Varint.Write(ref Unsafe.Add(ref at, bytes), site);
        }
        return bytes;
    }

    /// <summary>Writes all columns; <paramref name="rows"/> are the block's events that were written as rows.</summary>
    public void Write(ByteWriter writer, ReadOnlySpan<byte> rows)
    {
        Scan(rows);
        writer.U32((uint)(wideTypes ? typeBytes / 2 : typeBytes));
        writer.Bytes(types.AsSpan(0, typeBytes));
        writer.Sized(ticks.AsSpan(0, tickBytes));
        for (var index = 0; index < rowsOfType.Length; index++)
        {
            if (index == SpanBeginEvent.Index && siteBytes > 0)
            {
                writer.U8((byte)ColumnCoding.Varint);
                writer.Sized(sites.AsSpan(0, siteBytes));
            }
            if (rowsOfType[index] is not { Count: > 0 } positions) continue;
            var type = schema.Types[index];
            foreach (var field in type.Fields)
            {
                if (ReferenceEquals(field, type.Time)) continue;
                FieldColumn.Write(writer, field, rows, CollectionsMarshal.AsSpan(positions));
            }
        }
    }

    void Begin(ulong tick, uint site)
    {
        Event(SpanBeginEvent.Index, tick);
        if (siteBytes > sites.Length - Varint.SlackBytes) Grow(ref sites);
        if (++site < 0x80) sites[siteBytes++] = (byte)site;
        else siteBytes += Varint.Write(ref sites[siteBytes], site);
    }

    /// <summary>An event of a schema whose types have small numbers.</summary>
    void Event(int type, ulong tick)
    {
        if (typeBytes == types.Length) Grow(ref types);
        var same = tick == lastTick;
        types[typeBytes++] = (byte)(same ? type | SameTick : type);
        if (same) return;
        Tick(tick);
    }

    void Tick(ulong tick)
    {
        if (tickBytes > ticks.Length - Varint.SlackBytes) Grow(ref ticks);
        tickBytes += Varint.Write(ref ticks[tickBytes], tick - lastTick);
        lastTick = tick;
    }

    /// <summary>Takes types and ticks of the rows that have been written since it was last called.</summary>
    void Scan(ReadOnlySpan<byte> rows)
    {
        while (scanned < rows.Length)
        {
            // All room first: where there is none, the row is still as a whole to be taken.
            Reserve(ref types, typeBytes, 2);
            Reserve(ref ticks, tickBytes, Varint.MaxBytes);
            Reserve(ref sites, siteBytes, Varint.MaxBytes);
            var index = BinaryPrimitives.ReadUInt16LittleEndian(rows[scanned..]);
            var type = schema.Types[index];
            var position = scanned + (type.IsVariable ? 6 : 2);
            var bytes = type.IsVariable ? BinaryPrimitives.ReadInt32LittleEndian(rows[(position - 4)..]) : type.Size;
            var row = rows.Slice(position, bytes);
            if (isWellKnown && index == SpanBeginEvent.Index)
            {
                Begin(type.Time!.ReadU64(row), (uint)type.Fields[1].ReadU64(row));
            }
            else if (isWellKnown && index == SpanEndEvent.Index)
            {
                Event(index, type.Time!.ReadU64(row));
            }
            else
            {
                var tick = type.Time?.ReadU64(row) ?? lastTick;
                (rowsOfType[index] ??= []).Add(position);
                if (wideTypes) WideEvent(index, tick);
                else Event(index, tick);
            }
            scanned = position + bytes;
        }
    }

    void WideEvent(int type, ulong tick)
    {
        if (typeBytes > types.Length - 2) Grow(ref types);
        BinaryPrimitives.WriteUInt16LittleEndian(types.AsSpan(typeBytes), (ushort)(tick == lastTick ? type | SameTick << 8 : type));
        typeBytes += 2;
        if (tick != lastTick) Tick(tick);
    }

    static void Grow(ref byte[] buffer) => Array.Resize(ref buffer, 2 * buffer.Length);

    static void Reserve(ref byte[] buffer, int used, int bytes)
    {
        if (buffer.Length - used < bytes + Varint.SlackBytes) Array.Resize(ref buffer, Math.Max(2 * buffer.Length, used + bytes + Varint.SlackBytes));
    }
}
