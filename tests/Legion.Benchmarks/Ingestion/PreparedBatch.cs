using System.Buffers.Binary;
using Legion.Cli.Generate;
using Legion.Format;

namespace Legion.Benchmarks.Ingestion;

/// <summary>
/// A batch of one process that is sent again and again, each time with new ids of its blocks: making one costs the checksums of its headers and items,
/// a thousandth of what encoding would take from the processors that the server runs on, too.
/// </summary>
sealed class PreparedBatch
{
    /// <summary>A common size of the SDK's blocks.</summary>
    const int BlockBytes = 64 << 10;

    readonly List<int> items = [];

    PreparedBatch(byte[] registration, byte[] bytes, long events)
    {
        (Registration, Bytes, Events) = (registration, bytes, events);
        for (var at = Batch.PrefixBytes; at < bytes.Length; at += Batch.ItemPrefixBytes + LengthAt(at)) items.Add(at);
    }

    /// <summary>The records and the schema, to be sent once before.</summary>
    public byte[] Registration { get; }

    public byte[] Bytes { get; }
    public long Events { get; }
    public int Blocks => items.Count;

    /// <summary>Batches of so many bytes, each of a process of its own.</summary>
    public static async Task<PreparedBatch[]> MakeAsync(int count, int bytes)
    {
        // What one byte of a block's content becomes tells at which content a block has the size that is wanted.
        var trial = await BlockAsync(256 << 10);
        var content = (int)(256L * 1024 * BlockBytes / trial.Block.Length);
        return await Task.WhenAll(Enumerable.Range(0, count).Select(async _ =>
        {
            var (registration, block) = await BlockAsync(content);
            var batch = new BatchWriter();
            for (var i = 0; i < bytes / BlockBytes; i++) batch.AddBlock(block);
            return new PreparedBatch(registration, batch.ToArray(), BlockHeaderBytes.Read(block, out var _).Events * (long)batch.Count);
        }));
    }

    /// <summary>Gives each block a new id, and the checksums that it needs then.</summary>
    public void Renew()
    {
        Span<byte> old = stackalloc byte[16];
        foreach (var at in items)
        {
            var block = Bytes.AsSpan(at + Batch.ItemPrefixBytes, LengthAt(at));
            var header = BlockHeaderBytes.Read(block, out var headerBytes);
            header.BlockId.TryWriteBytes(old, bigEndian: true, out _);
            Guid.CreateVersion7().TryWriteBytes(block[(block.IndexOf(old))..], bigEndian: true, out _);
            block[16..20].Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(block[16..], Crc32C.Of(block[..headerBytes]));
            BinaryPrimitives.WriteUInt32LittleEndian(Bytes.AsSpan(at + 8), Crc32C.Of(block));
        }
    }

    int LengthAt(int item) => (int)BinaryPrimitives.ReadUInt32LittleEndian(Bytes.AsSpan(item + 4));

    /// <summary>The records of a generated process, and its first block.</summary>
    static async Task<(byte[] Registration, byte[] Block)> BlockAsync(int contentBytes)
    {
        byte[]? block = null;
        var registration = new BatchWriter();
        await LoadGenerator.GenerateAsync(new GeneratedLoad { Spans = contentBytes / 4, Threads = 1, Seed = 7, BlockBytes = contentBytes, Start = DateTimeOffset.UtcNow }, batch =>
        {
            foreach (var item in Batch.Read(batch))
            {
                if (item.Kind == BatchItemKind.Block) block ??= item.Bytes.ToArray();
                else registration.Add(item.Kind, item.Bytes.Span);
            }
            return Task.CompletedTask;
        });
        return (registration.ToArray(), block!);
    }
}
