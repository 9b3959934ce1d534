using System.Security.Cryptography;
using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>An attachment, as far as its chunks were read.</summary>
sealed class ReadAttachment(Guid id, long timeNs, uint count, byte[] sha256, string mediaType, string name)
{
    readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    uint next;

    public Guid Id => id;

    /// <summary>When its first chunk was recorded, of those that were read.</summary>
    public long TimeNs => timeNs;

    public string MediaType => mediaType;
    public string Name => name;
    public string Sha256 { get; } = Convert.ToHexStringLower(sha256);

    /// <summary>Bytes of the chunks that were read.</summary>
    public long Bytes { get; private set; }

    /// <summary>All chunks were read, and together they have the hash that each of them names.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>False where nothing more can make it complete.</summary>
    public bool MayComplete { get; private set; } = true;

    /// <summary>The first chunk that was read is its first.</summary>
    public bool HasHead { get; private set; } = true;

    /// <summary>Takes a chunk.</summary>
    /// <returns>Null, or what is wrong with it.</returns>
    public string? Add(uint index, uint of, ReadOnlySpan<byte> whole, ReadOnlySpan<byte> data)
    {
        if (Bytes == 0 && next == 0) HasHead = index == 0;
        if (of != count || !whole.SequenceEqual(sha256)) return Refuse($"expected chunks of one hash and {count} in number, saw {of} and hash {Convert.ToHexStringLower(whole)}");
        if (index >= count) return Refuse($"expected a chunk below {count}, saw {index}");
        if (index < next) return Refuse($"expected chunk {next}, saw {index} again");
        Bytes += data.Length;
        // What was lost between is a problem of its own, or may still arrive.
        if (index > next) MayComplete = false;
        next = index + 1;
        if (!MayComplete) return null;
        hash.AppendData(data);
        if (next < count) return null;
        var seen = hash.GetHashAndReset();
        if (!seen.AsSpan().SequenceEqual(sha256)) return Refuse($"expected hash {Sha256} of the whole, saw {Convert.ToHexStringLower(seen)}");
        (IsComplete, MayComplete) = (true, false);
        return null;
    }

    string Refuse(string detail)
    {
        (IsComplete, MayComplete) = (false, false);
        return $"attachment {id}: {detail}";
    }
}

/// <summary>Puts the chunks of one stream together, block by block in its order; their data is hashed and not kept.</summary>
sealed class AttachmentDecoder
{
    readonly Dictionary<Guid, ReadAttachment> attachments = [];

    // Begun in blocks of other slots.
    readonly HashSet<Guid> foreign = [];

    /// <summary>In order of their first chunks.</summary>
    public IEnumerable<ReadAttachment> Attachments => attachments.Values;

    /// <summary>Chunks that do not fit together, with the block that they were found in.</summary>
    public List<(BlockRow Block, long Bytes, string Detail)> Faults { get; } = [];

    public static bool HasChunks(Schema schema) => schema.Types.Any(type => type.Name == WellKnown.AttachmentChunk);

    /// <summary>Takes the chunks of a block.</summary>
    /// <param name="startsNew">Whether attachments that were not seen before are taken up; otherwise they are left out for good.</param>
    /// <exception cref="InvalidDataException">The block is damaged.</exception>
    public void Add(Block block, BlockRow row, Schema schema, bool startsNew)
    {
        // All of a block is read before any of it counts: a damaged one costs itself, and no attachment half of it.
        var chunks = new List<(ReadAttachment Attachment, uint Index, uint Count, byte[] Hash, byte[] Data)>();
        var begun = new Dictionary<Guid, ReadAttachment>();
        var reader = block.ReadEvents(schema);
        while (reader.Next())
        {
            var record = reader.Current;
            if (record.Type.Name != WellKnown.AttachmentChunk) continue;
            var chunk = new Chunk(record);
            if (!attachments.TryGetValue(chunk.Id, out var attachment) && !begun.TryGetValue(chunk.Id, out attachment))
            {
                if (!startsNew) foreign.Add(chunk.Id);
                if (foreign.Contains(chunk.Id)) continue;
                begun.Add(chunk.Id, attachment = new ReadAttachment(chunk.Id, block.Header.Clock.Ns(chunk.Tick), chunk.Count, chunk.Sha256.ToArray(), chunk.MediaType, chunk.Name));
            }
            chunks.Add((attachment, chunk.Index, chunk.Count, chunk.Sha256.ToArray(), chunk.Data.ToArray()));
        }
        foreach (var (id, attachment) in begun) attachments.Add(id, attachment);
        foreach (var (attachment, index, count, hash, data) in chunks)
            if (attachment.Add(index, count, hash, data) is { } detail) Faults.Add((row, data.Length, detail));
    }

    /// <summary>The ids of attachments that a block has chunks of.</summary>
    /// <exception cref="InvalidDataException">The block is damaged.</exception>
    public static HashSet<Guid> IdsOf(Block block, Schema schema)
    {
        var ids = new HashSet<Guid>();
        var reader = block.ReadEvents(schema);
        while (reader.Next())
            if (reader.Current.Type.Name == WellKnown.AttachmentChunk) ids.Add(new Chunk(reader.Current).Id);
        return ids;
    }

    /// <summary>Copies what a block has of an attachment, chunk after chunk, as far as there is room.</summary>
    /// <returns>How many bytes.</returns>
    /// <exception cref="InvalidDataException">The block is damaged.</exception>
    public static int CopyData(Block block, Schema schema, Guid id, Span<byte> room)
    {
        var copied = 0;
        var reader = block.ReadEvents(schema);
        while (reader.Next())
        {
            if (reader.Current.Type.Name != WellKnown.AttachmentChunk) continue;
            var chunk = new Chunk(reader.Current);
            if (chunk.Id != id) continue;
            var data = chunk.Data[..Math.Min(chunk.Data.Length, room.Length - copied)];
            data.CopyTo(room[copied..]);
            copied += data.Length;
        }
        return copied;
    }

    public void Remove(Guid id) => attachments.Remove(id);

    /// <summary>One chunk; a field that is missing or of another type than its name promises is an error, for without it nothing fits.</summary>
    readonly ref struct Chunk(EventRecord record)
    {
        readonly EventRecord record = record;

        public ulong Tick => Field("tick", FieldType.Tick).ReadU64(record.Body);
        public Guid Id => new(Field("id", FieldType.FixedBytes, 16).ReadBytes(record.Body), bigEndian: true);
        public uint Index => (uint)Field("index", FieldType.U32).ReadU64(record.Body);
        public uint Count => (uint)Field("count", FieldType.U32).ReadU64(record.Body);
        public ReadOnlySpan<byte> Sha256 => Field("sha256", FieldType.FixedBytes, 32).ReadBytes(record.Body);
        public string MediaType => Field("media_type", FieldType.String).ReadString(record.Body);
        public string Name => Field("name", FieldType.String).ReadString(record.Body);
        public ReadOnlySpan<byte> Data => Field("data", FieldType.Bytes).ReadBytes(record.Body);

        Field Field(string name, FieldType type, int size = 0) => record.Type.Find(name) is { } field && field.Type == type && (size == 0 || field.Size == size) ? field
            : throw new InvalidDataException($"'{record.Type.Name}': expected a field '{name}' of type {type}, saw none");
    }
}
