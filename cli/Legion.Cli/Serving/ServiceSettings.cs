using System.Net;
using Legion.Cli.Serving.Tls;
using Legion.Cli.Serving.Tokens;
using Legion.Format;
using Legion.Ingestion;
using Legion.Lakehouse.Sql.Workers;

namespace Legion.Cli.Serving;

/// <summary>What a service is to be, once its options are read and make sense.</summary>
sealed record ServiceSettings
{
    public required ServedAddresses Addresses { get; init; }

    public BesideAddresses Exports { get; init; } = BesideAddresses.None;

    public BesideAddresses Flight { get; init; } = BesideAddresses.None;

    /// <summary>Which attributes of OpenTelemetry are not written.</summary>
    public Redaction Redaction { get; init; } = new();

    public ServiceRole Role { get; init; } = ServiceRole.All;

    /// <summary>Whether a key or a token is needed.</summary>
    public bool IsGuarded { get; init; }

    /// <summary>Whose tokens are accepted beside the catalog's keys.</summary>
    public IReadOnlyList<TokenIssuer> Issuers { get; init; } = [];

    /// <summary>Says when keys and tokens expire.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public IngestionLimits Limits { get; init; } = new();

    /// <summary>What people's queries may take.</summary>
    public SqlLimits Sql { get; init; } = new();

    /// <summary>What addresses of https show; null where there are none.</summary>
    public CertificateFile? Certificate { get; init; }

    /// <summary>Who may say for whom they ask, and by which scheme they were asked.</summary>
    public IReadOnlyList<IPNetwork> Proxies { get; init; } = [];

    /// <summary>Whether only this machine can reach it.</summary>
    public bool IsLoopback => Addresses.AreLoopback && Exports.AreLoopback && Flight.AreLoopback;

    /// <summary>Whether the service records itself into its lake.</summary>
    public bool RecordsItself { get; init; }

    /// <summary>From when the service says that it is not ready any more until it refuses requests: as long as those who send them take to hear of it.</summary>
    public TimeSpan DrainDelay { get; init; }

    /// <summary>How long requests that run at the end may take.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
