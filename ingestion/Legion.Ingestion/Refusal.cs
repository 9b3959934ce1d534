namespace Legion.Ingestion;

/// <summary>Why a request stored nothing.</summary>
public enum Refusal
{
    /// <summary>It is no batch by its media type.</summary>
    MediaType,

    /// <summary>More bytes than a batch may have.</summary>
    TooLarge,

    /// <summary>Bytes that cannot be read.</summary>
    Malformed,

    /// <summary>The tenant has sent more than its quota.</summary>
    Quota,

    /// <summary>The server has no room for another body.</summary>
    NoRoom,

    /// <summary>The object store or the catalog refused.</summary>
    Store,
}

static class Refusals
{
    public static string Name(this Refusal reason) => reason switch
    {
        Refusal.MediaType => "media_type",
        Refusal.TooLarge => "too_large",
        Refusal.Malformed => "malformed",
        Refusal.Quota => "quota",
        Refusal.NoRoom => "no_room",
        Refusal.Store => "store",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };
}
