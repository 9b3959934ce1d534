namespace Legion.Store;

/// <summary>Who asks, as a key or a token says. A host keeps it with the request; where there is none, none was needed, and the tenant is the default one.</summary>
/// <param name="Holder">Such as <c>key 0123456789abcdef</c>: who it was, for the audit.</param>
public sealed record Credential(string Holder, Tenant Tenant, KeyRole Role);
