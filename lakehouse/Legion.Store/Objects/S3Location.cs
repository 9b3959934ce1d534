namespace Legion.Store;

/// <summary>Where the objects of a lake on S3 lie. The prefix is empty or ends in '/'.</summary>
public sealed record S3Location(string Bucket, string Prefix, S3Settings Settings)
{
    /// <summary>Reads <c>s3://bucket</c> or <c>s3://bucket/prefix</c>.</summary>
    /// <exception cref="FormatException">The text names no bucket, or a prefix that no key can begin with.</exception>
    public static S3Location Parse(string text, S3Settings settings)
    {
        const string Scheme = "s3://";
        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) throw new FormatException($"cannot open lake '{text}': expected s3://bucket/prefix");
        var (bucket, prefix) = text[Scheme.Length..].Split('/', 2) is [var first, var rest] ? (first, rest.TrimEnd('/')) : (text[Scheme.Length..], "");
        if (bucket.Length == 0) throw new FormatException($"cannot open lake '{text}': it names no bucket; expected s3://bucket/prefix");
        if (prefix.Length > 0 && !ObjectKey.IsOne(prefix)) throw new FormatException($"cannot open lake '{text}': expected a prefix of names separated by single slashes");
        return new S3Location(bucket, prefix.Length == 0 ? "" : prefix + "/", settings);
    }

    public override string ToString() => $"s3://{Bucket}/{Prefix}".TrimEnd('/');
}
