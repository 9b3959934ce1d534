namespace Legion.Store;

/// <summary>Who asks, as the key says. A host keeps it with the request; where there is none, no key was needed, and the tenant is the default one.</summary>
public sealed record Credential(string KeyId, Tenant Tenant, KeyRole Role);
