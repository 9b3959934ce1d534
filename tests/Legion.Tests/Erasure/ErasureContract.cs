using System.IO.Compression;
using System.Text;
using Google.Protobuf;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.OpenTelemetry;
using Legion.Lakehouse.Sql;
using Legion.Sdk;
using Legion.Store;
using AppendAnswer = Legion.Store.AppendAnswer;

namespace Legion.Tests.Erasure;

/// <summary>What holds of erasures over every kind of lake: hidden at once, then gone from all files, and nothing else is touched.</summary>
public abstract class ErasureContract : IAsyncLifetime
{
    static readonly string[] views = ["spans", "async_spans", "markers", "log_entries", "measures", "frames", "attachments", $"events.\"{VisitType}\"", $"events.\"{SaleType}\""];

    const string VisitType = "Visit", SaleType = "Sale";

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected LakeStore Store { get; private set; } = null!;

    private protected LakeErasure Erasure => new(Store, Tenant.Default, TimeProvider.System);

    private protected abstract Task<LakeStore> OpenAsync();

    /// <summary>How long the scene is.</summary>
    private protected abstract int Rounds { get; }

    /// <summary>Files of the lake, the catalog's own too.</summary>
    private protected abstract Task<IEnumerable<string>> FilesAsync();

    public async ValueTask InitializeAsync() => Store = await OpenAsync();

    public abstract ValueTask DisposeAsync();

    [Fact]
    public async Task A_value_goes_from_everywhere_and_nothing_else_changes_until_the_process_goes_too()
    {
        var (shared, own) = (ErasureScene.Shared(Rounds), ErasureScene.Own());
        await AppendAsync(ErasureScene.Batch(shared));
        await AppendAsync(ErasureScene.Batch(own));
        var lake = new Lake(Store);
        var processId = shared.Process!.ProcessId;
        var before = await RowsAsync(lake, processId);
        Assert.All(before.Where(rows => rows.Key is not ("frames" or "attachments")), rows => Assert.Contains(rows.Value, IsGone));
        await RowsAsync(lake, own.Process!.ProcessId);
        Assert.NotEqual(0, await CanariesAsync());
        Assert.NotEqual(0, await CanariesInFilesAsync());

        var id = await Erasure.BeginAsync(ErasureScene.Property, ErasureScene.Canary, Cancellation);
        var hidden = await RowsAsync(lake, processId);
        Assert.DoesNotContain(hidden.Values.SelectMany(rows => rows), row => row.Contains("bob.canary", StringComparison.Ordinal));
        Assert.Equal(Kept(before)["log_entries"], hidden["log_entries"]);
        Assert.Empty(await Store.Catalog.ReadProcessesAsync(Tenant.Default, [own.Process.ProcessId], Cancellation));

        var receipt = await Erasure.RunAsync(id, null, Cancellation);
        Assert.NotNull(receipt);
        Assert.True(receipt.Statement.Events > 0);
        AssertSame(Kept(before), await RowsAsync(lake, processId));
        Assert.Equal(0, await CanariesAsync());
        Assert.Equal(0, await CanariesInFilesAsync());
        await AssertOnlyNamedObjectsAsync();
        Assert.Equal("info", (await RowsAsync(lake, $"SELECT DISTINCT severity FROM problems WHERE process_id = '{processId}' AND kind = 'gap' AND detail = 'erased'")).Single());
        Assert.Empty(await RowsAsync(lake, $"SELECT kind, detail FROM problems WHERE process_id = '{processId}' AND detail <> 'erased'"));

        Assert.True(await Erasure.VerifyAsync(receipt, Cancellation));
        Assert.False(await Erasure.VerifyAsync(receipt with { Statement = receipt.Statement with { Events = 1 } }, Cancellation));
        Assert.Equal(receipt.ToJson(), ErasureReceipt.FromJson(receipt.ToJson()).ToJson());
        Assert.Throws<InvalidDataException>(() => ErasureReceipt.FromJson(receipt.ToJson().Replace("\"events\"", "\"more\":1,\"events\"", StringComparison.Ordinal)));

        // The same blocks again, as from a client that never heard of their being stored.
        var again = await AnswerAsync(ErasureScene.Batch(shared));
        Assert.All(again.Blocks, block => Assert.Equal(BlockCode.Exists, block.Code));
        Assert.Equal(0, await CanariesAsync());

        var blocks = (await Store.Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation)).Count;
        var whole = await Erasure.BeginAsync(processId, Cancellation);
        await Assert.ThrowsAsync<NotInLakeException>(() => lake.FindProcessAsync(processId, Cancellation));
        var last = await Erasure.RunAsync(whole, null, Cancellation);
        Assert.Equal((1L, (long)blocks), (last!.Statement.Processes, last.Statement.Blocks));
        await AssertOnlyNamedObjectsAsync();
        Assert.All((await AnswerAsync(ErasureScene.Batch(shared))).Blocks, block => Assert.Equal((BlockCode.Exists, BlockAnswer.Erased), (block.Code, block.Reason)));
    }

    [Fact]
    public async Task What_exporters_sent_goes_from_blocks_and_from_requests_that_wait_or_cannot_be_read()
    {
        await FileAsync("stored");
        await WorkAsync();
        var lake = new Lake(Store);
        var processes = await Store.Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation);
        Assert.Equal(["deep", "own", "shop"], processes.Select(process => process.Exe).Order());
        var processId = processes.Single(process => process.Exe == "shop").ProcessId;
        var before = await ExportedRowsAsync(lake, processId);
        Assert.All(before.Values, rows => Assert.Contains(rows, IsGone));

        var broken = ExportScene.Traces("broken").ToByteArray()[..^3];
        var numbered = new LogRecord { Attributes = { ExportScene.Of(ErasureScene.Property, 7) } }.ToByteArray()[..^1];
        foreach (var (bytes, isGzip) in ((byte[], bool)[])[(broken, false), (Gzip(broken), true), (numbered, false), ([0x0A, 0x7F, 1], false)])
            await FileAsync(ExportSignal.Traces, ArrivalRow.Protobuf, isGzip, bytes);
        await WorkAsync();
        await FileAsync("waiting");
        Assert.NotEqual(0, await CanariesAsync());
        Assert.NotEqual(0, await CanariesInFilesAsync());

        var id = await Erasure.BeginAsync(ErasureScene.Property, ErasureScene.Canary, Cancellation);
        Assert.Equal(["shop"], (await Store.Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation)).Select(process => process.Exe));
        var hidden = await ExportedRowsAsync(lake, processId);
        Assert.DoesNotContain(hidden.Values.SelectMany(rows => rows), row => row.Contains("bob.canary", StringComparison.Ordinal));
        Assert.All(before, rows => Assert.Equal(rows.Value.Count(row => !IsGone(row)), hidden[rows.Key].Count(row => !IsGone(row))));

        var receipt = (await Erasure.RunAsync(id, null, Cancellation))!;
        AssertSame(Kept(before), await ExportedRowsAsync(lake, processId));
        Assert.Equal(0, await CanariesAsync());
        Assert.Equal(0, await CanariesInFilesAsync());
        await AssertOnlyNamedObjectsAsync();
        // 8 spans, 3 logs and 6 points in each of shop's two exports, 2 spans in each of the others; the broken ones are of events that nobody can count.
        Assert.Equal((2L, 5L + 4L + 2L, 2 * 17L + 2 * 2L, 1L), (receipt.Statement.Processes, receipt.Statement.Blocks, receipt.Statement.Events, receipt.Statement.UnreadableBlocks));
        Assert.Equal(["3", "6", "8"], await RowsAsync(lake, $"SELECT events FROM problems WHERE process_id = '{processId}' AND kind = 'gap' AND severity = 'info' AND detail = 'erased' ORDER BY 1"));
        Assert.Empty(await RowsAsync(lake, $"SELECT kind, detail FROM problems WHERE process_id = '{processId}' AND detail <> 'erased'"));

        var left = await Store.Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation);
        Assert.Equal((2, 3), (left.Count(arrival => arrival.Failure is not null), left.Count(arrival => arrival.Failure is null)));
        // What comes later and is of the time before is seen once it was searched, and so is what waited.
        await FileAsync("later");
        await WorkAsync();
        AssertSame(Kept(before), await ExportedRowsAsync(lake, processId));
        Assert.Equal(0, await Erasure.RunAllAsync(Cancellation));
        foreach (var tag in (string[])["waiting", "later"]) await AssertExportedAsync(tag);
        Assert.Equal(["shop"], (await Store.Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation)).Select(process => process.Exe));
        Assert.Equal(0, await CanariesAsync());
        await AssertOnlyNamedObjectsAsync();

        async Task AssertExportedAsync(string tag) => AssertSame(Kept(before), (await ExportedRowsAsync(lake, processId)).ToDictionary(view => view.Key,
            view => view.Value.Where(row => row.Contains(tag, StringComparison.Ordinal)).Select(row => row.Replace(tag, "stored", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToArray()));
    }

    private protected async Task<Dictionary<string, string[]>> ExportedRowsAsync(Lake lake, Guid processId)
    {
        var rows = new Dictionary<string, string[]>();
        foreach (var view in (string[])["async_spans", "log_entries", "measures"])
            rows[view] = [.. (await RowsAsync(lake, $"SELECT * FROM {view} WHERE process_id = '{processId}'")).Order(StringComparer.Ordinal)];
        return rows;
    }

    private protected async Task FileAsync(string tag)
    {
        foreach (var (signal, request) in ExportScene.All(tag))
        {
            // In each of the forms in which exporters send.
            if (signal == ExportSignal.Metrics) await FileAsync(signal, ArrivalRow.Json, false, Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(request)));
            else await FileAsync(signal, ArrivalRow.Protobuf, signal == ExportSignal.Logs, signal == ExportSignal.Logs ? Gzip(request.ToByteArray()) : request.ToByteArray());
        }
    }

    Task FileAsync(ExportSignal signal, string mediaType, bool isGzip, byte[] bytes) =>
        new ArrivalAppend(Store, TimeProvider.System, null).AppendAsync(Tenant.Default, signal, mediaType, isGzip, bytes, Cancellation);

    private protected async Task WorkAsync()
    {
        while (await new ArrivalWork(Store, TimeProvider.System, new Redaction()).WorkAsync(Cancellation) > 0) { }
    }

    static byte[] Gzip(byte[] bytes)
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest)) gzip.Write(bytes);
        return compressed.ToArray();
    }

    private protected static Dictionary<string, string[]> Kept(Dictionary<string, string[]> rows) => rows.ToDictionary(view => view.Key, view => view.Value.Where(row => !IsGone(row)).ToArray());

    private protected static bool IsGone(string row) => row.Contains("gone", StringComparison.Ordinal) || row.Contains("bob.canary", StringComparison.Ordinal);

    private protected static void AssertSame(Dictionary<string, string[]> expected, Dictionary<string, string[]> actual)
    {
        foreach (var view in expected.Keys) Assert.Equal($"{view}\n{string.Join('\n', expected[view])}", $"{view}\n{string.Join('\n', actual[view])}");
    }

    private protected async Task<Dictionary<string, string[]>> RowsAsync(Lake lake, Guid processId)
    {
        var rows = new Dictionary<string, string[]>();
        var streams = (await Store.Catalog.ReadStreamsAsync(Tenant.Default, null, Cancellation)).Select(stream => stream.Name).ToHashSet();
        foreach (var view in views.Where(view => !view.StartsWith("events.", StringComparison.Ordinal) || streams.Any(type => view.Contains($"\"{type}\"", StringComparison.Ordinal)))) rows[view] = await RowsAsync(lake, $"SELECT * FROM {view} WHERE process_id = '{processId}' ORDER BY ALL");
        return rows;
    }

    private protected static async Task<string[]> RowsAsync(Lake lake, string sql)
    {
        using var result = await lake.QueryAsync(sql, cancellation: Cancellation);
        using var rows = result.ReadRows(Cancellation);
        var lines = new List<string>();
        while (rows.Read()) lines.Add(string.Join('|', Enumerable.Range(0, rows.Columns.Count).Select(i => Convert.ToString(rows[i], System.Globalization.CultureInfo.InvariantCulture))));
        return [.. lines];
    }

    private protected async Task<AppendAnswer> AnswerAsync(BatchWriter batch) =>
        await new BlockAppend(Store, TimeProvider.System).AppendAsync(Tenant.Default, Batch.Read(batch.ToArray()), Cancellation);

    private protected async Task AppendAsync(BatchWriter batch) => Assert.All((await AnswerAsync(batch)).Blocks, block => Assert.Equal(BlockCode.Stored, block.Code));

    /// <summary>How often the canary stands in objects, as their bytes are, and in blocks and partitions as they are read.</summary>
    private protected async Task<int> CanariesAsync()
    {
        var found = 0;
        await foreach (var stored in Store.Objects.ListAsync("", Cancellation)) found += Occurrences(await Store.Objects.ReadAsync(stored.Key, 0, (int)stored.Bytes, Cancellation));
        foreach (var row in await Store.Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation))
        {
            var block = Block.Read(await Store.Objects.ReadAsync(row.ObjectKey, row.ObjectOffset, row.Bytes, Cancellation));
            found += Occurrences(block.Events) + block.Dependencies.Strings.Sum(text => Occurrences(Encoding.UTF8.GetBytes(text)));
            found += block.Dependencies.PropertySets.Concat(block.Header.OpenSpans.Select(span => span.Arguments.ToArray())).Sum(set => Occurrences(Encoding.UTF8.GetBytes(PropertyJson.Of(set))));
        }
        var lake = new Lake(Store);
        foreach (var process in await Store.Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation))
            found += (await RowsAsync(lake, process.ProcessId)).Values.SelectMany(rows => rows).Sum(row => Occurrences(Encoding.UTF8.GetBytes(row)));
        return found;
    }

    private protected async Task<int> CanariesInFilesAsync() => (await FilesAsync()).Sum(file => Occurrences(ReadShared(file)));

    /// <summary>Nothing lies there that the catalog does not name: no old object, no old partition.</summary>
    private protected async Task AssertOnlyNamedObjectsAsync()
    {
        var named = (await Store.Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation)).Select(block => block.ObjectKey)
            .Concat((await Store.Catalog.ReadPartitionsAsync(Tenant.Default, null, null, Cancellation)).Select(partition => partition.Path)).Where(path => path.Length > 0)
            .Concat((await Store.Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation)).Select(arrival => arrival.ObjectKey)).ToHashSet();
        var there = new HashSet<string>();
        foreach (var prefix in (string[])[StoreNames.BlocksPrefix, StoreNames.ViewsPrefix, StoreNames.ArrivalsPrefix])
            await foreach (var stored in Store.Objects.ListAsync(prefix, Cancellation)) there.Add(stored.Key);
        Assert.Equal(named.Order(), there.Order());
    }

    static int Occurrences(ReadOnlySpan<byte> bytes)
    {
        var found = 0;
        for (var rest = bytes; rest.IndexOf("bob.canary"u8) is >= 0 and var at; rest = rest[(at + 1)..]) found++;
        return found;
    }

    static byte[] ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
