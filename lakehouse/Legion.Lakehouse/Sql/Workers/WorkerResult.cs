using System.Diagnostics;
using System.Runtime.CompilerServices;
using Apache.Arrow;
using Apache.Arrow.Ipc;

namespace Legion.Lakehouse.Sql.Workers;

/// <summary>The answer of a worker to a query: an Arrow stream. It is read once, and has a process until it is disposed.</summary>
public sealed class WorkerResult : IDisposable
{
    readonly WorkerEngine engine;
    readonly BoundQuery bound;
    bool isStarted, isDone;

    internal WorkerResult(WorkerEngine engine, BoundQuery bound) => (this.engine, this.bound) = (engine, bound);

    public Receipt Receipt => bound.Receipt;

    /// <summary>Runs the query and gives the bytes of an Arrow stream as the worker writes them.</summary>
    /// <param name="most">Rows after which it stops; null: none.</param>
    /// <exception cref="QueryException">The engine refuses it, or may not go on.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadBytesAsync(long? most = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var watch = Stopwatch.StartNew();
        using var _ = engine.EndsWhen(cancellation);
        isStarted = true;
        Guarded(() =>
        {
            engine.Start(bound.Parsed.Text, bound.Parameters, most ?? SqlWorker.AllRows);
            return true;
        }, cancellation);
        while (true)
        {
            WorkerReply kind;
            byte[] payload;
            try
            {
                (kind, payload) = await engine.ReadAsync(cancellation);
            }
            catch (Exception error) when (error is EngineException or QueryException or OperationCanceledException)
            {
                throw Receipt.Fail(error, bound.Parsed.Written, cancellation);
            }
            Receipt.Scan = watch.Elapsed;
            if (kind == WorkerReply.Done)
            {
                isDone = true;
                using var reader = WorkerFrames.Open(payload);
                (Receipt.Rows, Receipt.PeakMemory) = (reader.ReadInt64(), reader.ReadInt64());
                yield break;
            }
            yield return payload;
        }
    }

    /// <summary>Runs the query and gives Arrow batches, each to be disposed by the caller. A result without rows gives one empty batch.</summary>
    /// <exception cref="QueryException">The engine refuses it, or may not go on.</exception>
    public async IAsyncEnumerable<RecordBatch> ReadBatchesAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await using var bytes = new BytesIn(ReadBytesAsync(null, cancellation).GetAsyncEnumerator(cancellation));
        using var reader = new ArrowStreamReader(bytes, leaveOpen: true);
        var any = false;
        while (await reader.ReadNextRecordBatchAsync(cancellation) is { } batch)
        {
            any = true;
            yield return batch;
        }
        await bytes.ReadToEndAsync();
        if (!any) yield return EmptyBatch.Of(reader.Schema);
    }

    public void Dispose()
    {
        if (isStarted && !isDone && Receipt.Failure is null) Receipt.Fail(new OperationCanceledException("the reader left before the end"), null, CancellationToken.None);
        engine.Dispose();
        bound.Release();
    }

    T Guarded<T>(Func<T> run, CancellationToken cancellation)
    {
        try
        {
            return run();
        }
        catch (Exception error) when (error is EngineException or QueryException or OperationCanceledException)
        {
            throw Receipt.Fail(error, bound.Parsed.Written, cancellation);
        }
    }

    /// <summary>The pieces as one stream.</summary>
    sealed class BytesIn(IAsyncEnumerator<ReadOnlyMemory<byte>> pieces) : Stream
    {
        ReadOnlyMemory<byte> rest;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (rest.IsEmpty)
            {
                if (!await pieces.MoveNextAsync()) return 0;
                rest = pieces.Current;
            }
            var taken = Math.Min(rest.Length, buffer.Length);
            rest[..taken].CopyTo(buffer);
            rest = rest[taken..];
            return taken;
        }

        /// <summary>What follows the stream's end says what it cost.</summary>
        public async Task ReadToEndAsync()
        {
            while (await pieces.MoveNextAsync()) rest = default;
        }

        public override async ValueTask DisposeAsync()
        {
            await pieces.DisposeAsync();
            await base.DisposeAsync();
        }

        public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
