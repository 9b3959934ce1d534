namespace Legion.Store;

/// <summary>A key as the catalog has it: without its secret.</summary>
public sealed record KeyRow
{
    /// <summary>Hex digits; unique over all tenants, as a key says its tenant and not the other way round.</summary>
    public required string KeyId { get; init; }

    public required Tenant Tenant { get; init; }
    public required KeyRole Role { get; init; }

    /// <summary>SHA-256 of the secret.</summary>
    public required ReadOnlyMemory<byte> Hash { get; init; }

    /// <summary>What somebody called it; may be empty.</summary>
    public required string Name { get; init; }

    public required long CreatedNs { get; init; }

    /// <summary>From when on it is refused; null for never.</summary>
    public long? ExpiresNs { get; init; }

    /// <summary>Since when it is refused.</summary>
    public long? RevokedNs { get; init; }

    public bool IsUsable(long nowNs) => RevokedNs is null && (ExpiresNs is not { } expires || nowNs < expires);
}

/// <summary>Something that somebody did: changed a key, left a command, signed in.</summary>
/// <param name="Actor">Who did it: an account of the machine, or the holder of a key or a token.</param>
/// <param name="Action">What was done, such as <c>key.create</c>.</param>
/// <param name="Subject">What it was done to, such as a key's id.</param>
/// <param name="Detail">JSON text.</param>
public sealed record AuditRow(long AtNs, Tenant Tenant, string Actor, string Action, string Subject, string Detail);
