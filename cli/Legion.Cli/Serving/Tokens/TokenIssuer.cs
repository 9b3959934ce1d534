namespace Legion.Cli.Serving.Tokens;

/// <summary>Somebody whose tokens the service accepts, and what they mean here.</summary>
/// <param name="Name">As the claim <c>iss</c> of its tokens says it, to the letter.</param>
/// <param name="Audience">What the claim <c>aud</c> must name: tokens that were made for other services are none for this one.</param>
/// <param name="Metadata">Where its document of OpenID Connect Discovery lies.</param>
/// <param name="Algorithms">With which its tokens may be signed.</param>
sealed record TokenIssuer(string Name, string Audience, Uri Metadata, IReadOnlyList<string> Algorithms, ClaimRule Role, ClaimRule Tenant);
