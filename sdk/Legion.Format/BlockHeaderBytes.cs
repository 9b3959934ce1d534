using System.Buffers.Binary;

namespace Legion.Format;

/// <summary>The bytes of a <see cref="BlockHeader"/>: a prefix of 20 bytes, then entries of u16 type, u32 length and value.</summary>
public static class BlockHeaderBytes
{
    /// <summary>magic, u16 version, u8 endianness, u8 zero, u32 bytes of entries, u32 stored bytes of content, u32 CRC-32C of all the header but itself.</summary>
    public const int PrefixBytes = 20;

    static ReadOnlySpan<byte> Magic => "LGBK"u8;

    enum Entry : ushort
    {
        BlockId = 1,
        StreamId = 2,
        ProcessId = 3,
        Schema = 4,
        Class = 5,
        Encoding = 6,
        Codec = 7,
        Sizes = 8,
        Checksum = 9,
        Sequence = 10,
        Ordinals = 11,
        Events = 12,
        Ticks = 13,
        Clock = 14,
        OpenSpans = 15,
        OpenContexts = 16,
        Flags = 17,
    }

    /// <summary>The entries without which a block means nothing.</summary>
    const uint Required = 1u << (int)Entry.BlockId | 1u << (int)Entry.StreamId | 1u << (int)Entry.ProcessId | 1u << (int)Entry.Schema
        | 1u << (int)Entry.Class | 1u << (int)Entry.Encoding | 1u << (int)Entry.Codec | 1u << (int)Entry.Sizes | 1u << (int)Entry.Checksum
        | 1u << (int)Entry.Sequence | 1u << (int)Entry.Ordinals | 1u << (int)Entry.Events | 1u << (int)Entry.Ticks | 1u << (int)Entry.Clock;

    public static void Write(ByteWriter writer, BlockHeader header)
    {
        var start = writer.Length;
        writer.Bytes(Magic);
        writer.U16(FormatLimits.Version);
        writer.U8(0); // little-endian
        writer.U8(0);
        writer.U32(0); // entry bytes, below
        writer.U32((uint)header.StoredBytes);
        writer.U32(0); // checksum, below

        Begin(writer, Entry.BlockId, 16).Id(header.BlockId);
        Begin(writer, Entry.StreamId, 16).Id(header.StreamId);
        Begin(writer, Entry.ProcessId, 16).Id(header.ProcessId);
        Begin(writer, Entry.Schema, 32).Bytes(header.Schema.ToBytes());
        Begin(writer, Entry.Class, 1).U8((byte)header.Class);
        Begin(writer, Entry.Encoding, 2).U16(header.Encoding);
        Begin(writer, Entry.Codec, 1).U8((byte)header.Codec);
        Begin(writer, Entry.Sizes, 8).U32((uint)header.DependencyBytes);
        writer.U32((uint)header.EventBytes);
        Begin(writer, Entry.Checksum, 4).U32(header.Checksum);
        Begin(writer, Entry.Sequence, 8).U64(header.Sequence);
        Begin(writer, Entry.Ordinals, 16).U64(header.FirstOrdinal);
        writer.U64(header.NextOrdinal);
        Begin(writer, Entry.Events, 4).U32(header.Events);
        Begin(writer, Entry.Ticks, 16).U64(header.FirstTick);
        writer.U64(header.LastTick);

        var knots = header.Clock.Knots;
        Begin(writer, Entry.Clock, 12 + 24 * knots.Length).I64(header.Clock.UtcOffsetNs);
        writer.U32((uint)knots.Length);
        foreach (var knot in knots)
        {
            writer.U64(knot.Ticks);
            writer.I64(knot.MonotonicNs);
            writer.I64(knot.UtcNs);
        }
        if (header.OpenSpans.Count > 0)
        {
            var stack = new ByteWriter();
            OpenSpan.WriteStack(stack, header.OpenSpans);
            Begin(writer, Entry.OpenSpans, stack.Length).Bytes(stack.Written);
        }
        if (header.OpenContexts.Count > 0)
        {
            Begin(writer, Entry.OpenContexts, 4 * header.OpenContexts.Count);
            foreach (var context in header.OpenContexts) writer.U32(context);
        }
        if (header.Flags != BlockFlags.None) Begin(writer, Entry.Flags, 4).U32((uint)header.Flags);

        writer.PatchU32(start + 8, (uint)(writer.Length - start - PrefixBytes));
        writer.PatchU32(start + 16, HeaderChecksum(writer.Written[start..]));
    }

    /// <summary>
    /// Reads the header at the beginning of <paramref name="bytes"/>.
    /// </summary>
    /// <param name="headerBytes">Bytes of the header; the stored content follows them.</param>
    /// <exception cref="InvalidDataException">The bytes are no block header, or one of another version.</exception>
    public static BlockHeader Read(ReadOnlySpan<byte> bytes, out int headerBytes)
    {
        var prefix = new ByteReader(bytes, "block header");
        if (!prefix.Take(4).SequenceEqual(Magic)) throw new InvalidDataException("block header: expected the magic LGBK");
        var version = prefix.U16();
        if (version != FormatLimits.Version) throw new InvalidDataException($"block header: expected format version {FormatLimits.Version}, saw {version}");
        var endianness = prefix.U8();
        if (endianness != 0) throw new InvalidDataException($"block header: expected endianness 0 (little), saw {endianness}");
        prefix.U8();
        var entryBytes = prefix.U32();
        var storedBytes = prefix.U32();
        var checksum = prefix.U32();
        if (entryBytes > FormatLimits.MaxHeaderBytes) throw new InvalidDataException($"block header: expected at most {FormatLimits.MaxHeaderBytes} bytes, saw {entryBytes}");
        prefix.Take((int)entryBytes);
        headerBytes = PrefixBytes + (int)entryBytes;
        var seen = HeaderChecksum(bytes[..headerBytes]);
        if (seen != checksum) throw new InvalidDataException($"block header: expected checksum {checksum:x8}, saw {seen:x8}");
        return ReadEntries(bytes[PrefixBytes..headerBytes], storedBytes);
    }

    static BlockHeader ReadEntries(ReadOnlySpan<byte> bytes, uint storedBytes)
    {
        Guid blockId = default, streamId = default, processId = default;
        SchemaHash schema = default;
        StreamClass streamClass = default;
        ushort encoding = 0;
        BlockCodec codec = default;
        BlockFlags flags = default;
        uint dependencyBytes = 0, eventBytes = 0, checksum = 0, events = 0;
        ulong sequence = 0, firstOrdinal = 0, nextOrdinal = 0, firstTick = 0, lastTick = 0;
        BlockClock? clock = null;
        OpenSpan[] openSpans = [];
        uint[] openContexts = [];
        var entries = new EntryReader(bytes, "block header", (ushort)Entry.Flags);
        while (entries.Next(out var type, out var reader))
        {
            switch ((Entry)type)
            {
                case Entry.BlockId: blockId = reader.Id(); break;
                case Entry.StreamId: streamId = reader.Id(); break;
                case Entry.ProcessId: processId = reader.Id(); break;
                case Entry.Schema: schema = new SchemaHash(reader.Take(32)); break;
                case Entry.Class: streamClass = (StreamClass)reader.U8(); break;
                case Entry.Encoding: encoding = reader.U16(); break;
                case Entry.Codec: codec = (BlockCodec)reader.U8(); break;
                case Entry.Sizes: (dependencyBytes, eventBytes) = (reader.U32(), reader.U32()); break;
                case Entry.Checksum: checksum = reader.U32(); break;
                case Entry.Sequence: sequence = reader.U64(); break;
                case Entry.Ordinals: (firstOrdinal, nextOrdinal) = (reader.U64(), reader.U64()); break;
                case Entry.Events: events = reader.U32(); break;
                case Entry.Ticks: (firstTick, lastTick) = (reader.U64(), reader.U64()); break;
                case Entry.Clock: clock = ReadClock(ref reader); break;
                case Entry.OpenSpans: openSpans = OpenSpan.ReadStack(reader.Take(reader.Remaining)); break;
                case Entry.OpenContexts: openContexts = ReadContexts(ref reader); break;
                case Entry.Flags: flags = (BlockFlags)reader.U32(); break;
            }
            reader.End();
        }

        if ((entries.Present & Required) != Required)
            throw new InvalidDataException($"block header: expected entries {Name(Required)}, saw {Name(entries.Present)}");
        if (streamClass > StreamClass.Other) throw new InvalidDataException($"block header: expected class 0 to 3, saw {(int)streamClass}");
        if (nextOrdinal < firstOrdinal || nextOrdinal - firstOrdinal < events) throw new InvalidDataException($"block header: expected {events} events between ordinals {firstOrdinal} and {nextOrdinal}");
        if (lastTick < firstTick) throw new InvalidDataException($"block header: expected the last tick at or after {firstTick}, saw {lastTick}");
        if ((ulong)dependencyBytes + eventBytes > FormatLimits.MaxContentBytes || storedBytes > FormatLimits.MaxContentBytes)
            throw new InvalidDataException($"block header: expected at most {FormatLimits.MaxContentBytes} bytes of content, saw {(ulong)dependencyBytes + eventBytes} stored as {storedBytes}");

        return new BlockHeader
        {
            BlockId = blockId,
            StreamId = streamId,
            ProcessId = processId,
            Schema = schema,
            Class = streamClass,
            Encoding = encoding,
            Codec = codec,
            Flags = flags,
            Sequence = sequence,
            FirstOrdinal = firstOrdinal,
            NextOrdinal = nextOrdinal,
            Events = events,
            FirstTick = firstTick,
            LastTick = lastTick,
            Clock = clock!,
            OpenSpans = openSpans,
            OpenContexts = openContexts,
            DependencyBytes = (int)dependencyBytes,
            EventBytes = (int)eventBytes,
            StoredBytes = (int)storedBytes,
            Checksum = checksum,
        };
    }

    static BlockClock ReadClock(ref ByteReader reader)
    {
        var utcOffset = reader.I64();
        var knots = new ClockKnot[reader.Count(leastBytes: 24)];
        for (var i = 0; i < knots.Length; i++) knots[i] = new ClockKnot(reader.U64(), reader.I64(), reader.I64());
        return new BlockClock(utcOffset, knots);
    }

    static uint[] ReadContexts(ref ByteReader reader)
    {
        var contexts = new uint[reader.Remaining / 4];
        for (var i = 0; i < contexts.Length; i++) contexts[i] = reader.U32();
        return contexts;
    }

    static uint HeaderChecksum(ReadOnlySpan<byte> header)
    {
        Span<byte> copy = header.Length <= 4096 ? stackalloc byte[header.Length] : new byte[header.Length];
        header.CopyTo(copy);
        BinaryPrimitives.WriteUInt32LittleEndian(copy[16..], 0);
        return Crc32C.Of(copy);
    }

    static string Name(uint present) => string.Join(", ", Enum.GetValues<Entry>().Where(entry => (present & 1u << (int)entry) != 0));

    static ByteWriter Begin(ByteWriter writer, Entry type, int bytes)
    {
        writer.U16((ushort)type);
        writer.U32((uint)bytes);
        return writer;
    }
}
