using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>What is wrong with something that the catalog names.</summary>
public enum DamageKind
{
    /// <summary>The bytes of a block or a report are not there, or not all of them.</summary>
    MissingPayload,

    /// <summary>The stored bytes are others than those that came.</summary>
    ChangedBytes,

    /// <summary>The header says something else than the row.</summary>
    HeaderDiffers,

    /// <summary>A view cannot read the content.</summary>
    UnreadableContent,

    /// <summary>A partition's file is not there, or not all of it. It is built again when somebody asks.</summary>
    MissingFile,
}

/// <summary>One thing that is wrong.</summary>
/// <param name="Subject">The block's id, the partition as view, process and slot, or the report.</param>
/// <param name="ObjectKey">Where it should lie.</param>
public sealed record Damage(DamageKind Kind, Tenant Tenant, string Subject, string ObjectKey, string Detail)
{
    /// <summary>As the command line and its JSON call it.</summary>
    public string KindName => Kind switch
    {
        DamageKind.MissingPayload => "missing-payload",
        DamageKind.ChangedBytes => "changed-bytes",
        DamageKind.HeaderDiffers => "header-differs",
        DamageKind.UnreadableContent => "unreadable-content",
        DamageKind.MissingFile => "missing-file",
        _ => throw new InvalidOperationException($"expected a kind of damage, saw {Kind}"),
    };
}

/// <summary>What a verification has read.</summary>
/// <param name="UnnamedObjects">Objects that hold no block that counts: an upload under way, or what the next sweep takes. No damage.</param>
public readonly record struct VerifiedTotals(long Blocks, long Bytes, long Partitions, long UnnamedObjects, long Damages);
