using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Legion.Store;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Legion.Ingestion;

/// <summary>
/// Lets requests with data in, one for all endpoints that store something: first the tenant's rates and the room there is are looked at,
/// before anything of the body is read; then the body comes into memory that was reserved for it; then the request waits for its turn.
/// Who is not let in hears it at once.
/// </summary>
sealed class Admission
{
    /// <summary>What a body must have sent before anything is held for it. Until then it lies in the connection's own buffer, which is larger.</summary>
    const int FirstBytes = 64 << 10;

    /// <summary>Room for this many times what has arrived is reserved at most: a client that announces much and sends little holds little.</summary>
    const int Foresight = 4;

    readonly IngestionLimits limits;
    readonly TimeProvider clock;
    readonly Lock gate = new();
    readonly Dictionary<Tenant, TenantLane> lanes = [];
    readonly SharedRoom places;
    readonly SharedRoom bytes;
    readonly FairTurns<Tenant> turns;

    /// <summary>Seconds that a turn took lately.</summary>
    double meanTurn;

    public Admission(IngestionLimits limits, TimeProvider clock)
    {
        this.limits = limits;
        this.clock = clock;
        places = new SharedRoom(limits.Places);
        bytes = new SharedRoom(limits.InFlightBytes);
        turns = new FairTurns<Tenant>(limits.Turns);
    }

    internal TimeSpan LongestStore => limits.LongestStore;

    /// <summary>Bytes reserved for bodies.</summary>
    public long ReservedBytes
    {
        get { lock (gate) return bytes.Taken; }
    }

    /// <summary>Requests that have a place: they are read, wait for their turn, or have it.</summary>
    public long TakenPlaces
    {
        get { lock (gate) return places.Taken; }
    }

    /// <summary>Reads the body and waits for the request's turn, which ends when what this returns is disposed; or says why not.</summary>
    /// <param name="most">Bytes that the body may have.</param>
    /// <exception cref="OperationCanceledException">The client is gone.</exception>
    /// <exception cref="BadHttpRequestException">The body is no HTTP, too slow, or too large for the server.</exception>
    public async Task<Admitted> AdmitAsync(HttpContext context, int most)
    {
        var request = context.Request;
        // Before the server hears of a limit: beyond it, it would not read the rest away, and close the connection under the next request.
        if (request.ContentLength > most) return new Admitted(TooLarge(most));
        // The server's own limit may be below ours. This ceiling is one above, so that ours answers.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = most + 1L;
        var lane = LaneOf(Asking.TenantOf(context));
        if (Refuses(lane, request.ContentLength ?? 0) is { } refused) return new Admitted(refused);

        var first = await FirstAsync(request, context.RequestAborted);
        if (!TryEnter(lane, request.ContentLength, Room(first.Length, request.ContentLength, most), out var admitted, out refused))
        {
            request.BodyReader.AdvanceTo(first.End);
            return new Admitted(refused);
        }
        try
        {
            if (await admitted.ReadAsync(request, first, most, context.RequestAborted) is { } late)
            {
                admitted.Dispose();
                return new Admitted(late);
            }
            return await EnteredAsync(admitted, context.RequestAborted);
        }
        catch
        {
            admitted.Dispose();
            throw;
        }
    }

    /// <summary>The same for bytes that somebody else has read: only waits for the turn.</summary>
    /// <exception cref="OperationCanceledException">The client is gone.</exception>
    public async Task<Admitted> AdmitAsync(Tenant tenant, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var lane = LaneOf(tenant);
        if (!TryEnter(lane, body.Length, body.Length, out var admitted, out var refused)) return new Admitted(refused);
        try
        {
            admitted.Take(body);
            return await EnteredAsync(admitted, cancellation);
        }
        catch
        {
            admitted.Dispose();
            throw;
        }
    }

    async Task<Admitted> EnteredAsync(Admitted admitted, CancellationToken cancellation)
    {
        // What is expected of the wait may be wrong by as much again; where it is wrong by more, the lake stands still.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(2 * limits.LongestWait);
        try
        {
            await admitted.EnterTurnAsync(patience.Token);
            return admitted;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            admitted.Dispose();
            return new Admitted(new RefusedRequest(Refusal.NoRoom, "the requests before this one take too long; send it again later", limits.LongestWait));
        }
    }

    /// <summary>Looks without taking anything.</summary>
    RefusedRequest? Refuses(TenantLane lane, long announced)
    {
        lock (gate) return RefusesLocked(lane, announced);
    }

    bool TryEnter(TenantLane lane, long? announced, int room, [NotNullWhen(true)] out Admitted? admitted, [NotNullWhen(false)] out RefusedRequest? refused)
    {
        admitted = null;
        lock (gate)
        {
            refused = RefusesLocked(lane, Math.Max(announced ?? 0, room));
            if (refused is not null) return false;
            places.TryTake(ref lane.Places, 1);
            bytes.TryTake(ref lane.Reserved, room);
            lane.Requests.Take(1);
            lane.Bytes.Take(announced ?? 0);
        }
        admitted = new Admitted(this, lane, room, paid: announced ?? 0);
        return true;
    }

    RefusedRequest? RefusesLocked(TenantLane lane, long announced)
    {
        var wait = lane.Requests.Wait();
        if (wait > TimeSpan.Zero) return new RefusedRequest(Refusal.Quota, $"tenant {lane.Tenant} sends more than its {limits.TenantRequestsPerSecond:0} requests a second; send this again later", wait);
        wait = lane.Bytes.Wait();
        if (wait > TimeSpan.Zero) return new RefusedRequest(Refusal.Quota, $"tenant {lane.Tenant} sends more than its {limits.TenantBytesPerSecond:0} bytes a second; send this again later", wait);
        var turn = TimeSpan.FromSeconds(meanTurn * places.Taken / limits.Turns);
        if (turn > limits.LongestWait || !places.Has(lane.Places, 1))
            return new RefusedRequest(Refusal.NoRoom, $"{places.Taken} requests are being stored, {lane.Places} of them of tenant {lane.Tenant}; send this again later", turn);
        return bytes.Has(lane.Reserved, announced)
            ? null
            : new RefusedRequest(Refusal.NoRoom, $"requests of {bytes.Taken} bytes are being stored, {lane.Reserved} of them of tenant {lane.Tenant}; send this again later", turn);
    }

    TenantLane LaneOf(Tenant tenant)
    {
        lock (gate)
        {
            if (!lanes.TryGetValue(tenant, out var lane)) lanes[tenant] = lane = new TenantLane(tenant, limits, clock);
            return lane;
        }
    }

    /// <summary>Waits until the body, or enough of it, lies in the connection's buffer; it stays there.</summary>
    static async Task<ReadOnlySequence<byte>> FirstAsync(HttpRequest request, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellation);
            if (read.IsCompleted || read.Buffer.Length >= Math.Min(request.ContentLength ?? FirstBytes, FirstBytes)) return read.Buffer;
            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>How large a buffer a body gets of which so much has arrived: what pools give anyway, a power of two.</summary>
    internal static int Room(long arrived, long? announced, int most)
    {
        // One byte more than the limit is room enough to see that a body exceeds it.
        var wanted = Math.Min(Math.Min(announced ?? long.MaxValue, most + 1L), Math.Max(arrived, FirstBytes) * Foresight);
        return (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(wanted, 16));
    }

    internal static RefusedRequest TooLarge(int most) => new(Refusal.TooLarge, $"expected at most {most} bytes in a request", null);

    internal RefusedRequest? Extend(TenantLane lane, int more)
    {
        lock (gate)
        {
            return bytes.TryTake(ref lane.Reserved, more)
                ? null
                : new RefusedRequest(Refusal.NoRoom, $"requests of {bytes.Taken} bytes are being stored, {lane.Reserved} of them of tenant {lane.Tenant}; send this again later", limits.LongestWait);
        }
    }

    /// <summary>A body that did not say its length is paid for when it is known.</summary>
    internal void Pay(TenantLane lane, long more)
    {
        lock (gate) lane.Bytes.Take(more);
    }

    internal async ValueTask<long> EnterTurnAsync(TenantLane lane, long length, CancellationToken cancellation)
    {
        await turns.EnterAsync(lane.Tenant, length, cancellation);
        return clock.GetTimestamp();
    }

    internal void LeaveTurn(long began)
    {
        var seconds = clock.GetElapsedTime(began).TotalSeconds;
        turns.Leave();
        // An eighth of each new one: some ten turns change what is expected of the next.
        lock (gate) meanTurn += (seconds - meanTurn) / 8;
    }

    internal void Leave(TenantLane lane, long reserved)
    {
        lock (gate)
        {
            places.Return(ref lane.Places, 1);
            bytes.Return(ref lane.Reserved, reserved);
        }
    }
}
