using System.Text;
using Google.Protobuf;
using Legion.Format;
using Legion.Lakehouse.OpenTelemetry;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>
/// Takes what is erased out of requests of OpenTelemetry that came before the erasure and are not blocks yet. They stay requests:
/// only who makes blocks of them knows which attributes are not to be stored. What cannot be read goes if its bytes show the value.
/// </summary>
sealed class ArrivalErasure
{
    readonly LakeStore lake;
    readonly Tenant tenant;
    readonly TimeProvider clock;
    readonly ErasureRow erasure;
    readonly ExportErasure exports;

    /// <summary>By the keys of their objects, those that have nothing or no longer have it.</summary>
    readonly HashSet<string> done = [];

    /// <summary>By the key of the old object, what is to take its place as soon as nobody works on it.</summary>
    readonly Dictionary<string, (ArrivalRow? Without, ErasureCounts Taken)> prepared = [];

    public ArrivalErasure(LakeStore lake, Tenant tenant, TimeProvider clock, ErasureRow erasure, ErasureKeys keys)
    {
        (this.lake, this.tenant, this.clock, this.erasure) = (lake, tenant, clock, erasure);
        exports = erasure.Kind == ErasureKind.Property
            ? new ExportErasure([Subject.Of(erasure, keys)])
            : new ExportErasure([], resource => ResourceIdentity.Of(resource).DigestText == erasure.Value);
    }

    /// <summary>Those that may have it, in a form that cannot be read, and stay.</summary>
    public long Unreadable { get; private set; }

    /// <returns>False while somebody makes blocks of one that has it: to be called again until nobody does.</returns>
    public async Task<bool> TryFinishAsync(CancellationToken cancellation)
    {
        if (erasure is { Kind: ErasureKind.Process, Value: null }) return true; // a process of the SDK: no request is of it
        var isFinished = true;
        foreach (var arrival in await lake.Catalog.ReadArrivalsAsync(tenant, cancellation))
        {
            if (arrival.ReceivedNs > erasure.RequestedNs || done.Contains(arrival.ObjectKey)) continue;
            if (prepared.ContainsKey(arrival.ObjectKey) || await PrepareAsync(arrival, cancellation))
            {
                var (without, taken) = prepared[arrival.ObjectKey];
                if (!await lake.Catalog.ReplaceArrivalAsync(arrival, without, erasure.ErasureId, taken, NowNs, cancellation))
                {
                    isFinished = false;
                    continue;
                }
                if (without is not null) done.Add(without.ObjectKey);
            }
            done.Add(arrival.ObjectKey);
        }
        if (!isFinished) return false;
        // Others made blocks of these, and nothing names what was to take their place.
        foreach (var (old, (without, _)) in prepared)
            if (without is not null && done.Add(old)) await lake.Objects.DeleteAsync(without.ObjectKey, cancellation);
        return true;
    }

    /// <returns>False where the arrival stays as it is.</returns>
    async Task<bool> PrepareAsync(ArrivalRow arrival, CancellationToken cancellation)
    {
        byte[] bytes;
        try
        {
            bytes = await lake.Objects.ReadAsync(arrival.ObjectKey, 0, arrival.Bytes, cancellation);
            if (arrival.IsGzip) bytes = ExportReader.Decompress(bytes);
        }
        catch (FileNotFoundException)
        {
            return false; // its blocks are stored
        }
        catch (Exception cause) when (cause is InvalidDataException or EndOfStreamException)
        {
            Unreadable++;
            return false;
        }

        try
        {
            var request = ExportReader.Read(arrival.Signal, arrival.MediaType, isGzip: false, bytes, keepUnknown: true);
            var (size, events) = (request.CalculateSize(), ResourceExport.Divide(request, arrival.ReceivedNs).Sum(export => export.Events));
            var rest = exports.Apply(request);
            // The value may also stand where reading passes over it, and is not in what is written then.
            if (rest.Request.Length == size && !Shows(bytes)) return false;
            var taken = events - rest.Events;
            prepared[arrival.ObjectKey] = (rest.Events == 0 ? null : await PutAsync(arrival, rest.Request, cancellation), new ErasureCounts(0, taken > 0 ? 1 : 0, taken));
            return true;
        }
        catch (InvalidDataException)
        {
            if (Shows(bytes))
            {
                prepared[arrival.ObjectKey] = (null, new ErasureCounts(0, 1, 0));
                return true;
            }
            if (MayHave(bytes)) Unreadable++;
            return false;
        }
    }

    async Task<ArrivalRow> PutAsync(ArrivalRow arrival, byte[] request, CancellationToken cancellation)
    {
        if (!StoreNames.TryReadArrivalObject(arrival.ObjectKey, out var old)) throw new InvalidDataException($"expected the key of an arrival's object, saw '{arrival.ObjectKey}'");
        var key = StoreNames.ArrivalObject(old with { ObjectId = Guid.CreateVersion7(clock.GetUtcNow()) });
        if (!await lake.Objects.PutAsync(key, [request], cancellation)) throw new StoreUnavailableException($"cannot put object '{key}': the key is taken");
        return arrival with { ObjectKey = key, Bytes = request.Length, MediaType = ArrivalRow.Protobuf, IsGzip = false };
    }

    /// <summary>Whether the texts of property and value stand in the bytes.</summary>
    bool Shows(ReadOnlySpan<byte> bytes) => erasure is { Kind: ErasureKind.Property, Value: { } value } && MayHave(bytes) && bytes.IndexOf(Encoding.UTF8.GetBytes(value)) >= 0;

    /// <summary>An attribute has its name as it is, whatever form the value has. Which resource bytes are of that cannot be read, nobody knows.</summary>
    bool MayHave(ReadOnlySpan<byte> bytes) => erasure.Kind == ErasureKind.Process || bytes.IndexOf(Encoding.UTF8.GetBytes(erasure.Property)) >= 0;

    long NowNs => (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
}
