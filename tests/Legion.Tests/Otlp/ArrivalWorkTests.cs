using System.IO.Compression;
using Google.Protobuf;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.OpenTelemetry;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Otlp;

/// <summary>Arrivals become blocks once, whoever works on them and whatever happens meanwhile.</summary>
public sealed class ArrivalWorkTests : IDisposable
{
    readonly TestLake lake = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => lake.Dispose();

    [Fact]
    public async Task WorkersThatRaceStoreEachBlockOnce()
    {
        for (var i = 0; i < 150; i++) await FileAsync($"log {i}", isGzip: i % 2 == 0);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            var work = new ArrivalWork(LakeStore.Open(lake.Store.Location), TimeProvider.System, new Redaction());
            while (await work.WorkAsync(Cancellation) > 0) { }
        })));
        Assert.Equal("n,d\n150,150\n", await lake.CsvAsync("SELECT count(*) AS n, count(DISTINCT message) AS d FROM log_entries"));
        Assert.Equal("n\n1\n", await lake.CsvAsync("SELECT count(*) AS n FROM processes"));
        Assert.Empty(await lake.Store.Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation));
        Assert.Empty(await ArrivalObjectsAsync());
    }

    [Fact]
    public async Task AWorkerThatDiedBehindTheAppendIsRepeatedWithoutATrace()
    {
        await FileAsync("once");
        var arrival = Assert.Single(await lake.Store.Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation));
        var bytes = await lake.Store.Objects.ReadAsync(arrival.ObjectKey, 0, arrival.Bytes, Cancellation);
        await WorkAsync();

        // As it would be had the worker died before it forgot the arrival.
        await lake.Store.Objects.PutAsync(arrival.ObjectKey, [bytes], Cancellation);
        await lake.Store.Catalog.AddArrivalAsync(arrival, Cancellation);
        await WorkAsync();
        Assert.Equal("n\n1\n", await lake.CsvAsync("SELECT count(*) AS n FROM blocks"));
        Assert.Equal("message\nonce\n", await lake.CsvAsync("SELECT message FROM log_entries"));

        // And had it died a little later.
        await lake.Store.Catalog.AddArrivalAsync(arrival, Cancellation);
        await WorkAsync();
        Assert.Empty(await lake.Store.Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation));
        Assert.Equal("n\n1\n", await lake.CsvAsync("SELECT count(*) AS n FROM blocks"));
        Assert.Empty(await ArrivalObjectsAsync());
    }

    [Fact]
    public async Task WhatCannotBeReadIsSetAsideAndItsNeighboursGoOn()
    {
        await FileAsync("before");
        await FileAsync(ArrivalRow.Protobuf, [0x0A, 0x7F, 1]);
        await FileAsync(ArrivalRow.Json, [.. "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"traceId\":\"xyz\"}]}]}]}"u8]);
        await FileAsync(ArrivalRow.Protobuf, []);
        await FileAsync("behind");
        await WorkAsync();

        Assert.Equal("message\nbefore\nbehind\n", await lake.CsvAsync("SELECT message FROM log_entries ORDER BY message"));
        var failed = await lake.Store.Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation);
        Assert.Equal(["expected 127 bytes of a field, saw 1", "expected LogRequest of OpenTelemetry in JSON"], failed.Select(arrival => arrival.Failure![..Math.Min(44, arrival.Failure!.Length)]).Order());
        Assert.Equal("failure,bytes,signal\nexpected 127 bytes of a field, saw 1,3,logs\n", await lake.CsvAsync("SELECT failure, bytes, signal FROM arrivals WHERE failure LIKE '%127%'"));
        Assert.Equal(2, (await ArrivalObjectsAsync()).Count);
        Assert.Equal(0, await new ArrivalWork(lake.Store, TimeProvider.System, new Redaction()).WorkAsync(Cancellation));
    }

    [Fact]
    public async Task WhoBeginsAndNeverEndsIsNotTriedForEver()
    {
        await FileAsync("deadly");
        for (var i = 0; i < 5; i++) Assert.Single(await lake.Store.Catalog.ClaimArrivalsAsync(Guid.NewGuid(), 1, leaseNs: -1, nowNs: 1000, Cancellation));
        await WorkAsync();
        Assert.Equal("5 programs began to work on it, and none came to an end", Assert.Single(await lake.Store.Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation)).Failure);
    }

    [Fact]
    public async Task ADamagedBlockIsAProblemAndItsNeighboursAnswer()
    {
        foreach (var message in (string[])["first", "second"])
        {
            await FileAsync(message);
            await WorkAsync();
        }
        var block = (await lake.Store.Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation))[0];
        await lake.DamageAsync(block.BlockId);
        Assert.Equal("n\n1\n", await lake.CsvAsync("SELECT count(*) AS n FROM log_entries"));
        Assert.Equal($"kind,block_id\ndamaged,{block.BlockId}\n", await lake.CsvAsync("SELECT kind, block_id FROM problems"));
    }

    Task WorkAsync() => new ArrivalWork(lake.Store, TimeProvider.System, new Redaction()).WorkAsync(Cancellation);

    Task FileAsync(string message, bool isGzip = false)
    {
        var record = new LogRecord { Body = new AnyValue { StringValue = message }, TimeUnixNano = 1_767_225_600_000_000_000 };
        var resource = new Resource { Attributes = { new KeyValue { Key = "service.name", Value = new AnyValue { StringValue = "test" } } } };
        var request = new LogRequest { ResourceLogs = { new ResourceLogs { Resource = resource, ScopeLogs = { new ScopeLogs { LogRecords = { record } } } } } };
        return FileAsync(ArrivalRow.Protobuf, request.ToByteArray(), isGzip);
    }

    Task FileAsync(string mediaType, byte[] bytes, bool isGzip = false)
    {
        if (isGzip)
        {
            var compressed = new MemoryStream();
            using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(bytes);
            bytes = compressed.ToArray();
        }
        return new ArrivalAppend(lake.Store, TimeProvider.System, null).AppendAsync(Tenant.Default, ExportSignal.Logs, mediaType, isGzip, bytes, Cancellation);
    }

    async Task<List<string>> ArrivalObjectsAsync()
    {
        var keys = new List<string>();
        await foreach (var stored in lake.Store.Objects.ListAsync(StoreNames.ArrivalsPrefix, Cancellation)) keys.Add(stored.Key);
        return keys;
    }
}
