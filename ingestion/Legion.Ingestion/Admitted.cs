using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Legion.Store;
using Microsoft.AspNetCore.Http;

namespace Legion.Ingestion;

/// <summary>A request that was let in, with its body, until it is disposed; or one that was not, and why.</summary>
sealed class Admitted : IDisposable
{
    readonly Admission? admission;
    readonly TenantLane? lane;
    readonly long paid;
    byte[] buffer = [];
    long reserved;
    long? turn;
    bool isOut;
    Task storing = Task.CompletedTask;

    public Admitted(RefusedRequest refused) => Refused = refused;

    /// <param name="reserved">Bytes that were reserved for the body so far.</param>
    /// <param name="paid">Bytes that the tenant has paid for.</param>
    public Admitted(Admission admission, TenantLane lane, int reserved, long paid)
    {
        this.admission = admission;
        this.lane = lane;
        this.reserved = reserved;
        this.paid = paid;
    }

    public RefusedRequest? Refused { get; }

    [MemberNotNullWhen(false, nameof(Refused)), MemberNotNullWhen(true, nameof(admission), nameof(lane))]
    public bool IsIn => admission is not null;

    /// <summary>The body. Its memory is somebody else's after <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> Bytes { get; private set; }

    internal void Take(ReadOnlyMemory<byte> body) => Bytes = body;

    /// <summary>Reads the body to its end, beginning with what lies in the connection's buffer.</summary>
    internal async Task<RefusedRequest?> ReadAsync(HttpRequest request, ReadOnlySequence<byte> arrived, int most, CancellationToken cancellation)
    {
        var reader = request.BodyReader;
        var announced = request.ContentLength;
        buffer = ArrayPool<byte>.Shared.Rent((int)reserved);
        var length = 0;
        while (true)
        {
            var refused = TakeIn(arrived, ref length, announced, most);
            reader.AdvanceTo(arrived.End);
            if (refused is not null) return refused;
            if (length == announced) break;
            var read = await reader.ReadAsync(cancellation);
            arrived = read.Buffer;
            if (!read.IsCompleted || !arrived.IsEmpty) continue;
            reader.AdvanceTo(arrived.End);
            break;
        }
        Bytes = buffer.AsMemory(0, length);
        if (length > paid) admission!.Pay(lane!, length - paid);
        return null;
    }

    /// <summary>Has the body stored, and waits for that as long as <see cref="IngestionLimits.LongestStore"/> says. What goes on after that keeps its turn and its memory until it ends.</summary>
    /// <exception cref="StoreUnavailableException">It takes too long, and whether it is stored will not be known; or the lake refused.</exception>
    /// <exception cref="OperationCanceledException">The client is gone.</exception>
    public async Task<T> StoreAsync<T>(Func<ReadOnlyMemory<byte>, CancellationToken, Task<T>> store, CancellationToken cancellation)
    {
        var longest = admission!.LongestStore;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(longest);
        var running = store(Bytes, patience.Token);
        storing = running;
        try
        {
            return await running.WaitAsync(patience.Token);
        }
        catch (OperationCanceledException cause) when (!cancellation.IsCancellationRequested)
        {
            throw new StoreUnavailableException($"the lake did not answer within {longest.TotalSeconds:0} seconds", cause);
        }
    }

    internal async ValueTask EnterTurnAsync(CancellationToken cancellation) => turn = await admission!.EnterTurnAsync(lane!, Bytes.Length, cancellation);

    public void Dispose()
    {
        if (!IsIn || isOut) return;
        isOut = true;
        if (storing.IsCompleted) Leave();
        else _ = LeaveAfterAsync(storing);
    }

    async Task LeaveAfterAsync(Task stored)
    {
        // Nobody hears of it any more, whatever came of it.
        await stored.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Leave();
    }

    void Leave()
    {
        if (turn is { } began) admission!.LeaveTurn(began);
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        Bytes = default;
        admission!.Leave(lane!, reserved);
    }

    RefusedRequest? TakeIn(ReadOnlySequence<byte> arrived, ref int length, long? announced, int most)
    {
        if (length + arrived.Length > most) return Admission.TooLarge(most);
        if (length + arrived.Length > buffer.Length && Grow(length, Admission.Room(length + arrived.Length, announced, most)) is { } refused) return refused;
        arrived.CopyTo(buffer.AsSpan(length));
        length += (int)arrived.Length;
        return null;
    }

    RefusedRequest? Grow(int length, int room)
    {
        if (admission!.Extend(lane!, room - (int)reserved) is { } refused) return refused;
        reserved = room;
        var larger = ArrayPool<byte>.Shared.Rent(room);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
        return null;
    }
}
