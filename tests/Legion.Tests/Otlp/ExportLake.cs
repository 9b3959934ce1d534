using System.Globalization;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Store;
using Legion.Tests.Support;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Legion.Tests.Otlp;

/// <summary>An ingestion, and who makes blocks of what it files and answers questions: as one service has them.</summary>
sealed class ExportLake(HttpProtocols protocols = HttpProtocols.Http1, Redaction? redaction = null) : IAsyncLifetime
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public IngestionServer Server { get; } = new(protocols: protocols);

    public LakeStore Store => Server.Lake;

    public Lake Lake => field ??= new Lake(Store);

    public ArrivalWork Work => field ??= new ArrivalWork(Store, TimeProvider.System, redaction ?? new Redaction());

    public ValueTask InitializeAsync() => Server.InitializeAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    /// <summary>Works until nothing waits, and holds that nothing failed.</summary>
    public async Task WorkAsync()
    {
        while (await Work.WorkAsync(Cancellation) > 0) { }
        Assert.Empty(await Store.Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation));
        await foreach (var left in Store.Objects.ListAsync(StoreNames.ArrivalsPrefix, Cancellation)) Assert.Fail($"{left.Key} is left");
    }

    /// <summary>The rows as text: cells separated by '|', null empty.</summary>
    public async Task<string[]> RowsAsync(string sql)
    {
        using var result = await Lake.QueryAsync(sql, null, Cancellation);
        using var rows = result.ReadRows(Cancellation);
        var lines = new List<string>();
        while (rows.Read()) lines.Add(string.Join('|', Enumerable.Range(0, rows.Columns.Count).Select(i => Convert.ToString(rows[i], CultureInfo.InvariantCulture))));
        return [.. lines];
    }
}
