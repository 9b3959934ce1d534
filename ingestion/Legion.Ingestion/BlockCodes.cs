using Legion.Store;

namespace Legion.Ingestion;

/// <summary>What became of a block, as clients read it (FORMAT.md, "Upload").</summary>
static class BlockCodes
{
    public static string Name(this BlockCode code) => code switch
    {
        BlockCode.Stored => "stored",
        BlockCode.Exists => "exists",
        BlockCode.Conflict => "conflict",
        BlockCode.Refused => "refused",
        BlockCode.Missing => "missing",
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, null),
    };
}
