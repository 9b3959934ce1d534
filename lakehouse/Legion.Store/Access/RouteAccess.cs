namespace Legion.Store;

/// <summary>Who may use a route, as metadata of its endpoint. One that says nothing is open to nobody where keys are needed.</summary>
/// <param name="Needed">Null where no key is needed.</param>
public sealed record RouteAccess(KeyRole? Needed)
{
    /// <summary>For what tells nothing of the lake.</summary>
    public static RouteAccess Public { get; } = new((KeyRole?)null);

    /// <summary>Whether programs of this machine need no key for it.</summary>
    public bool IsOpenToThisMachine { get; init; }

    /// <summary>Whether its requests wait for something to happen, so that a service which ends breaks them off.</summary>
    public bool Waits { get; init; }
}
