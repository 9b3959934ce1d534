namespace Legion.Store;

/// <summary>Which requests carry a checksum beside the signature, and which answers' checksums are verified.</summary>
public enum S3Checksum
{
    /// <summary>All where the operation knows one: what AWS expects.</summary>
    WhenSupported,

    /// <summary>Only where S3 demands one: for servers that refuse checksums that trail the body, such as the gateway of Ceph.</summary>
    WhenRequired,
}

/// <summary>How an S3 server is reached. Credentials come from where the AWS SDK looks for them: environment, profile, role.</summary>
public sealed record S3Settings
{
    /// <summary>Names of the two checksum modes in options and variables.</summary>
    public const string WhenSupported = "when-supported", WhenRequired = "when-required";

    /// <summary>Null: AWS itself, by region.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Null: where the AWS SDK looks for it; at an endpoint of one's own <c>us-east-1</c>, which such servers take for any.</summary>
    public string? Region { get; init; }

    /// <summary>The bucket in the path instead of in the host's name. Null: at an endpoint of one's own, whose name seldom resolves with a bucket before it.</summary>
    public bool? PathStyle { get; init; }

    public S3Checksum Checksum { get; init; }

    /// <summary>Where copies of objects are kept for readers that need files.</summary>
    public CacheSettings Cache { get; init; } = new();

    /// <summary>
    /// What <c>AWS_ENDPOINT_URL_S3</c> or <c>AWS_ENDPOINT_URL</c>, <c>AWS_REGION</c> or <c>AWS_DEFAULT_REGION</c>,
    /// <c>AWS_S3_ADDRESSING_STYLE</c> (<c>path</c> or <c>virtual</c>) and <c>AWS_REQUEST_CHECKSUM_CALCULATION</c> say, and <see cref="CacheSettings.FromEnvironment"/> does.
    /// </summary>
    /// <exception cref="FormatException">One of them says something else.</exception>
    public static S3Settings FromEnvironment() => new()
    {
        Endpoint = Variable("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL") is { } endpoint ? ParseEndpoint(endpoint) : null,
        Region = Variable("AWS_REGION", "AWS_DEFAULT_REGION"),
        PathStyle = Variable("AWS_S3_ADDRESSING_STYLE") switch
        {
            null or "auto" => null,
            "path" => true,
            "virtual" => false,
            var style => throw new FormatException($"cannot use '{style}' of AWS_S3_ADDRESSING_STYLE: expected path, virtual or auto"),
        },
        Checksum = Variable("AWS_REQUEST_CHECKSUM_CALCULATION") is { } mode ? ParseChecksum(mode) : S3Checksum.WhenSupported,
        Cache = CacheSettings.FromEnvironment(),
    };

    /// <exception cref="FormatException">The text is no http URL of a server.</exception>
    public static Uri ParseEndpoint(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            ? url : throw new FormatException($"cannot use S3 endpoint '{text}': expected a URL such as http://localhost:9000");

    /// <summary>Reads <c>when-required</c> or <c>when-supported</c>, also with an underscore, as the AWS variable has it.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static S3Checksum ParseChecksum(string text) => text.Replace('_', '-').ToLowerInvariant() switch
    {
        WhenSupported => S3Checksum.WhenSupported,
        WhenRequired => S3Checksum.WhenRequired,
        _ => throw new FormatException($"cannot use S3 checksum mode '{text}': expected {WhenRequired} or {WhenSupported}"),
    };

    static string? Variable(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value) return value;
        return null;
    }
}
