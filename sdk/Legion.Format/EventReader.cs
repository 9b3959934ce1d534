using System.Buffers.Binary;

namespace Legion.Format;

/// <summary>One event of a block: its type, its ordinal in the stream, and its bytes.</summary>
public readonly ref struct EventRecord(EventType type, int typeIndex, ulong ordinal, ReadOnlySpan<byte> body)
{
    public EventType Type { get; } = type;

    /// <summary>Index of the type in the schema, so that readers can keep what they know of a type in an array.</summary>
    public int TypeIndex { get; } = typeIndex;

    /// <summary>The producer's number of the event; of a gap record, that of the first event it lost.</summary>
    public ulong Ordinal { get; } = ordinal;

    public ReadOnlySpan<byte> Body { get; } = body;
}

/// <summary>
/// Walks the events of a block. Ordinals count up by one an event and by the lost events a gap record;
/// at the end they and the number of events must agree with the header. The bytes of <see cref="Current"/> are valid until the next event.
/// </summary>
public ref struct EventReader
{
    readonly Block block;
    readonly Schema schema;
    readonly ColumnReader? columns;
    ByteReader bytes;
    ulong nextOrdinal;
    uint events;

    internal EventReader(Block block, Schema schema)
    {
        this.block = block;
        this.schema = schema;
        if (block.Header.Encoding == (ushort)BlockEncoding.Columns) columns = new ColumnReader(schema, block.EventMemory);
        else bytes = new ByteReader(block.Events, "events");
        nextOrdinal = block.Header.FirstOrdinal;
    }

    public EventRecord Current { get; private set; }

    /// <summary>Moves to the next event.</summary>
    /// <exception cref="InvalidDataException">The bytes are no events of this schema, or header and events disagree.</exception>
    public bool Next()
    {
        int index;
        ReadOnlySpan<byte> body;
        if (columns is null ? !NextRow(out index, out body) : !columns.Next(out index, out body))
        {
            if (events != block.Header.Events || nextOrdinal != block.Header.NextOrdinal)
                throw new InvalidDataException($"block {block.Header.BlockId}: expected {block.Header.Events} events up to ordinal {block.Header.NextOrdinal}, saw {events} up to {nextOrdinal}");
            return false;
        }
        var type = schema.Types[index];
        Current = new EventRecord(type, index, nextOrdinal, body);
        if (type.IsGap)
        {
            var lost = GapEvent.ReadEvents(type, body);
            if (lost > block.Header.NextOrdinal - nextOrdinal)
                throw new InvalidDataException($"events: expected a gap of at most {block.Header.NextOrdinal - nextOrdinal} events, saw {lost}");
            nextOrdinal += lost;
        }
        else if (nextOrdinal == block.Header.NextOrdinal)
        {
            throw new InvalidDataException($"events: expected the end at ordinal {nextOrdinal}, saw another '{type.Name}'");
        }
        else
        {
            nextOrdinal++;
            events++;
        }
        return true;
    }

    bool NextRow(out int index, out ReadOnlySpan<byte> body)
    {
        index = 0;
        body = default;
        if (bytes.Remaining == 0) return false;
        index = bytes.U16();
        if (index >= schema.Types.Count) throw new InvalidDataException($"events: expected a type below {schema.Types.Count}, saw {index}");
        var type = schema.Types[index];
        body = type.IsVariable ? bytes.Sized() : bytes.Take(type.Size);
        if (body.Length < type.FixedBytes) throw new InvalidDataException($"events: expected at least {type.FixedBytes} bytes of '{type.Name}', saw {body.Length}");
        return true;
    }
}
