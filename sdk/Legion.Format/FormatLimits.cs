namespace Legion.Format;

/// <summary>Versions this library reads and writes, and the sizes above which it refuses bytes before it allocates anything for them.</summary>
public static class FormatLimits
{
    /// <summary>Version of block headers, schemas and batches written here, and the only one read.</summary>
    public const ushort Version = 1;

    /// <summary>Most bytes of a block's uncompressed content.</summary>
    public const int MaxContentBytes = 64 << 20;

    /// <summary>Most bytes of a block's header.</summary>
    public const int MaxHeaderBytes = 4 << 20;

    /// <summary>Most bytes that the fixed parts of all types in one block of columns have together, as a reader keeps a row of each.</summary>
    public const int MaxColumnRowBytes = 4 << 20;

    /// <summary>Most bytes of a schema.</summary>
    public const int MaxSchemaBytes = 1 << 20;

    /// <summary>Most bytes of a fixed event, or of the fixed part of a variable one.</summary>
    public const int MaxFixedBytes = 1 << 16;

    /// <summary>LZ4 turns one byte into at most 255; a larger claim is refused unread.</summary>
    public const int MaxExpansion = 255;

    /// <summary>"None" where a u32 refers into a dependency table.</summary>
    public const uint NoReference = uint.MaxValue;
}
