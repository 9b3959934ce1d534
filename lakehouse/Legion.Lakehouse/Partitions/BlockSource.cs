using System.Buffers;
using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>Reads stored blocks and the schemas they name.</summary>
sealed class BlockSource(IObjectStore objects, ICatalog catalog, Tenant tenant)
{
    readonly Dictionary<SchemaHash, Schema> schemas = [];

    /// <summary>Reads and verifies a block.</summary>
    /// <exception cref="InvalidDataException">The block is damaged, gone, or not the one the catalog names.</exception>
    public async Task<Block> ReadAsync(BlockRow row, CancellationToken cancellation)
    {
        // Rented: of a process's blocks, read one after the other, each would be garbage that is seldom collected.
        var stored = ArrayPool<byte>.Shared.Rent(row.Bytes);
        try
        {
            await objects.ReadAsync(row.ObjectKey, row.ObjectOffset, stored.AsMemory(0, row.Bytes), cancellation);
            return Read(row, stored.AsSpan(0, row.Bytes));
        }
        catch (Exception cause) when (cause is FileNotFoundException or EndOfStreamException)
        {
            throw new InvalidDataException($"expected {row.Bytes} bytes at {row.ObjectOffset} of object {row.ObjectKey}, saw: {cause.Message}", cause);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
        }
    }

    /// <summary>What it gives has memory of its own.</summary>
    static Block Read(BlockRow row, ReadOnlySpan<byte> stored)
    {
        var block = Block.Read(stored);
        var checksum = Crc32C.Of(stored);
        if (checksum != row.StoredChecksum) throw new InvalidDataException($"expected checksum {row.StoredChecksum:x8} of the stored bytes, saw {checksum:x8}");
        if (block.Header.BlockId != row.BlockId) throw new InvalidDataException($"expected block {row.BlockId} in object {row.ObjectKey}, saw {block.Header.BlockId}");
        return block;
    }

    /// <summary>Reads a block's header alone.</summary>
    /// <returns>Null where it is damaged, or gone.</returns>
    public async Task<BlockHeader?> ReadHeaderAsync(BlockRow row, CancellationToken cancellation)
    {
        try
        {
            return BlockHeaderBytes.Read(await objects.ReadAsync(row.ObjectKey, row.ObjectOffset, (int)row.HeaderBytes, cancellation), out _);
        }
        catch (Exception cause) when (cause is InvalidDataException or FileNotFoundException or EndOfStreamException)
        {
            return null; // the slot's problems name it
        }
    }

    /// <exception cref="InvalidDataException">The lake has no such schema.</exception>
    public async Task<Schema> SchemaAsync(SchemaHash hash, CancellationToken cancellation)
    {
        lock (schemas)
            if (schemas.TryGetValue(hash, out var known)) return known;
        var schema = await catalog.ReadSchemaAsync(tenant, hash, cancellation) ?? throw new InvalidDataException($"expected schema {hash} in the lake, saw none");
        lock (schemas) schemas[hash] = schema;
        return schema;
    }
}
