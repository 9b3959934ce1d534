using System.Security.Cryptography;
using System.Text.Json;
using Legion.Format;
using Legion.Lakehouse.OpenTelemetry;
using Legion.Store;

namespace Legion.Lakehouse.Import;

/// <summary>
/// Appends a file of export requests of OpenTelemetry in JSON, one or many, as a collector's file exporter writes them. The same file twice is there once.
/// </summary>
/// <param name="redaction">What is not to be written into any block.</param>
sealed class ExportImport(LakeStore lake, TimeProvider clock, Redaction redaction)
{
    readonly ExportAppend append = new(lake, clock, redaction);

    public ImportedBlocks Imported { get; } = new();

    /// <summary>Appends what can be read: a request that cannot costs itself alone.</summary>
    /// <returns>What is not in the lake, and why; null where all of it is.</returns>
    public async Task<string?> AppendAsync(Stream file, CancellationToken cancellation)
    {
        var values = new JsonValues(file);
        var batch = new ExportBatch();
        var (failed, reason) = (0, (string?)null);
        for (var number = 1; ; number++)
        {
            byte[]? request;
            try
            {
                request = await values.NextAsync(cancellation);
            }
            catch (InvalidDataException cause)
            {
                // Behind this nobody knows where a request begins.
                await FlushAsync(batch, cancellation);
                return $"request {number}: {cause.Message}";
            }
            if (request is null) break;
            try
            {
                await AddAsync(request, number, batch, cancellation);
            }
            catch (InvalidDataException cause)
            {
                failed++;
                reason ??= $"request {number}: {cause.Message}";
            }
            if (batch.Bytes >= ArrivalWork.BatchBytes) await FlushAsync(batch, cancellation);
        }
        await FlushAsync(batch, cancellation);
        return reason is null ? null : $"{failed} requests could not be read, the first because: {reason}";
    }

    async Task AddAsync(byte[] request, int number, ExportBatch batch, CancellationToken cancellation)
    {
        var message = ExportReader.Read(SignalOf(request), ArrivalRow.Json, isGzip: false, request, keepUnknown: false);
        var hash = SHA256.HashData([.. SHA256.HashData(request), .. BitConverter.GetBytes(number)]);
        var nowNs = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        await append.AddAsync(Tenant.Default, new Guid(hash.AsSpan(0, 16)), timeMs: null, nowNs, message, batch, cancellation);
    }

    async Task FlushAsync(ExportBatch batch, CancellationToken cancellation)
    {
        if (batch.Items.Count == 0) return;
        var answer = await append.AppendAsync(Tenant.Default, batch, cancellation);
        Imported.Add(answer);
        batch.Clear();
    }

    /// <summary>By the one key that each kind of request has.</summary>
    static ExportSignal SignalOf(ReadOnlySpan<byte> request)
    {
        var json = new Utf8JsonReader(request);
        try
        {
            while (json.Read())
            {
                if (json.TokenType != JsonTokenType.PropertyName) continue;
                if (json.ValueTextEquals("resourceSpans")) return ExportSignal.Traces;
                if (json.ValueTextEquals("resourceMetrics")) return ExportSignal.Metrics;
                if (json.ValueTextEquals("resourceLogs")) return ExportSignal.Logs;
                json.Skip();
            }
        }
        catch (JsonException cause)
        {
            throw new InvalidDataException($"expected JSON: {cause.Message}", cause);
        }
        throw new InvalidDataException("expected resourceSpans, resourceMetrics or resourceLogs, saw none of them");
    }
}
