using System.CommandLine;
using Legion.Store;

namespace Legion.Cli;

/// <summary>The options that name a lake and how to reach it, and what stands in for them. Each command adds its own instance.</summary>
sealed class LakeOptions
{
    readonly Option<string?> lake = new("--lake")
    {
        Description = $"the lake: DIR, file:DIR or s3://bucket/prefix (default: {LakeLocation.Variable}, or legion/lake in the user's data folder)",
        HelpName = "L",
    };

    readonly Option<string?> catalog = new("--catalog")
    {
        Description = $"the catalog: mysql://user:password@host:port/database (default: {LakeLocation.CatalogVariable}, or SQLite inside the lake's folder)",
        HelpName = "C",
    };

    readonly Option<string?> s3Endpoint = new("--s3-endpoint")
    {
        Description = "URL of the S3 server (default: AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, or AWS by AWS_REGION)",
        HelpName = "URL",
    };

    readonly Option<string?> s3Checksum = new("--s3-checksum")
    {
        Description = $"which requests to S3 carry checksums: {S3Settings.WhenRequired} or {S3Settings.WhenSupported} (default: AWS_REQUEST_CHECKSUM_CALCULATION, or {S3Settings.WhenSupported})",
        HelpName = "WHEN",
    };

    readonly Option<string?> cache = new("--cache")
    {
        Description = $"folder of local copies of what a lake on S3 holds (default: {CacheSettings.FolderVariable}, or legion in the user's cache folder)",
        HelpName = "DIR",
    };

    readonly Option<string?> cacheBytes = new("--cache-bytes")
    {
        Description = $"how many bytes the copies may take; those used longest ago go first (default: {CacheSettings.BytesVariable}, or 10 GiB, but at most a quarter of what is free)",
        HelpName = "N",
    };

    public static LakeOptions AddTo(Command command)
    {
        var options = new LakeOptions();
        command.Add(options.lake);
        command.Add(options.catalog);
        command.Add(options.s3Endpoint);
        command.Add(options.s3Checksum);
        command.Add(options.cache);
        command.Add(options.cacheBytes);
        return options;
    }

    /// <exception cref="CommandFailure">The options name no lake that can be opened.</exception>
    public LakeLocation Location(ParseResult parsed)
    {
        try
        {
            return LakeLocation.Parse(parsed.GetValue(lake) ?? LakeLocation.DefaultText, parsed.GetValue(catalog) ?? LakeLocation.DefaultCatalog, () => Settings(parsed));
        }
        catch (FormatException cause)
        {
            throw CommandFailure.Usage(cause.Message, cause);
        }
    }

    S3Settings Settings(ParseResult parsed)
    {
        var settings = S3Settings.FromEnvironment();
        if (parsed.GetValue(s3Endpoint) is { } endpoint) settings = settings with { Endpoint = S3Settings.ParseEndpoint(endpoint) };
        if (parsed.GetValue(s3Checksum) is { } checksum) settings = settings with { Checksum = S3Settings.ParseChecksum(checksum) };
        if (parsed.GetValue(cache) is { } folder) settings = settings with { Cache = settings.Cache with { Folder = folder } };
        if (parsed.GetValue(cacheBytes) is { } bytes) settings = settings with { Cache = settings.Cache with { Bytes = CacheSettings.ParseBytes(bytes) } };
        return settings;
    }

    /// <summary>Opens the lake to read it.</summary>
    /// <exception cref="LakeNotFoundException">There is none.</exception>
    public LakeStore Open(ParseResult parsed) => LakeStore.Open(Location(parsed));

    /// <summary>Opens the lake to write to it, and creates it where there is none.</summary>
    public LakeStore OpenOrCreate(ParseResult parsed) => LakeStore.OpenOrCreate(Location(parsed));
}
