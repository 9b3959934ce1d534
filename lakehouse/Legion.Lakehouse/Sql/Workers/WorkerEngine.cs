using System.Diagnostics;

namespace Legion.Lakehouse.Sql.Workers;

/// <summary>
/// An engine in a process of its own, for one query. Whatever happens to that process is an error of the query: where it takes too long, or whoever asked is gone, it is killed.
/// </summary>
sealed class WorkerEngine : IQueryEngine
{
    /// <summary>Of one request: the worker has them in memory at once.</summary>
    const int MostRows = 1000, MostCharacters = 1 << 20;

    /// <summary>A process that was killed is gone within milliseconds; the next one is not to have its memory beside it.</summary>
    static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(2);

    readonly Process process;
    readonly SqlLimits limits;
    readonly Action released;
    readonly Stream input, output;
    readonly Timer timer;
    readonly Lock gate = new();
    TimeSpan left;
    Exception? ended;
    int isReleased;
    bool isDisposed;

    /// <param name="process">Has said that it is ready.</param>
    /// <param name="released">Called once, when the process is gone, whether or not somebody still reads what it gave.</param>
    public WorkerEngine(Process process, SqlLimits limits, Action released)
    {
        (this.process, this.limits, this.released) = (process, limits, released);
        (input, output) = (process.StandardInput.BaseStream, process.StandardOutput.BaseStream);
        left = limits.Timeout;
        timer = new Timer(_ => End(new QueryException($"the query took longer than {limits.Timeout.TotalSeconds:0.#} seconds, which is the most here: narrow it to fewer processes, times or columns, or aggregate earlier")));
    }

    public int ProcessId => process.Id;

    /// <summary>What the worker sees when its host is gone.</summary>
    public void CloseInput() => input.Close();

    public void Execute(string sql) => Ask(WorkerRequest.Execute, writer => writer.Write(sql), WorkerReply.Done);

    public IReadOnlyList<string?> ReadTexts(string sql, IReadOnlyList<EngineParameter> parameters, CancellationToken cancellation)
    {
        using var reader = WorkerFrames.Open(Ask(WorkerRequest.ReadTexts, writer =>
        {
            writer.Write(sql);
            WorkerFrames.Write(writer, parameters);
        }, WorkerReply.Texts));
        var texts = new List<string?>();
        for (var count = reader.ReadInt32(); texts.Count < count;) texts.Add((string?)WorkerFrames.ReadValue(reader));
        return texts;
    }

    public void Append(string table, IEnumerable<object?[]> rows)
    {
        foreach (var some in Chunks(rows))
            Ask(WorkerRequest.Append, writer =>
            {
                writer.Write(table);
                writer.Write(some.Count);
                writer.Write(some[0].Length);
                foreach (var value in some.SelectMany(row => row)) WorkerFrames.Write(writer, value);
            }, WorkerReply.Done);
    }

    /// <summary>Runs the query; what it gives is read by <see cref="ReadAsync"/>.</summary>
    /// <param name="most">Rows after which it stops.</param>
    public void Start(string sql, IReadOnlyList<EngineParameter> parameters, long most) => Talk(() =>
    {
        timer.Change(left, Timeout.InfiniteTimeSpan);
        WorkerFrames.Write(input, (byte)WorkerRequest.Run, writer =>
        {
            writer.Write(most);
            writer.Write(sql);
            WorkerFrames.Write(writer, parameters);
        });
        return true;
    });

    /// <summary>The next reply to <see cref="Start"/>.</summary>
    /// <exception cref="EngineException">The engine fails.</exception>
    public async ValueTask<(WorkerReply Kind, byte[] Payload)> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            var (kind, payload) = await WorkerFrames.ReadAsync(output, cancellation);
            return Checked((WorkerReply)kind, payload);
        }
        catch (Exception cause) when (cause is IOException or InvalidDataException or ObjectDisposedException)
        {
            throw Reason(cause);
        }
    }

    /// <summary>Kills the process when that is cancelled.</summary>
    public IDisposable EndsWhen(CancellationToken cancellation) => cancellation.Register(() => End(new OperationCanceledException("the query was cancelled", cancellation)));

    public void Dispose()
    {
        lock (gate)
        {
            if (isDisposed) return;
            isDisposed = true;
        }
        timer.Dispose();
        End(new ObjectDisposedException(nameof(WorkerEngine)));
        input.Dispose();
        output.Dispose();
        process.Dispose();
    }

    static IEnumerable<List<object?[]>> Chunks(IEnumerable<object?[]> rows)
    {
        var (chunk, characters) = (new List<object?[]>(), 0L);
        foreach (var row in rows)
        {
            chunk.Add(row);
            characters += row.Sum(value => value is string text ? text.Length : 0L);
            if (chunk.Count < MostRows && characters < MostCharacters) continue;
            yield return chunk;
            (chunk, characters) = ([], 0);
        }
        if (chunk.Count > 0) yield return chunk;
    }

    byte[] Ask(WorkerRequest request, Action<BinaryWriter> write, WorkerReply expected) => Talk(() =>
    {
        var begun = Stopwatch.GetTimestamp();
        timer.Change(left, Timeout.InfiniteTimeSpan);
        WorkerFrames.Write(input, (byte)request, write);
        var (kind, payload) = WorkerFrames.Read(output);
        timer.Change(Timeout.Infinite, Timeout.Infinite);
        var rest = left - Stopwatch.GetElapsedTime(begun);
        left = rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
        Checked((WorkerReply)kind, payload);
        return (WorkerReply)kind == expected ? payload : throw new InvalidDataException($"expected {expected}, saw {(WorkerReply)kind}");
    });

    T Talk<T>(Func<T> exchange)
    {
        try
        {
            return exchange();
        }
        catch (Exception cause) when (cause is IOException or InvalidDataException or ObjectDisposedException)
        {
            throw Reason(cause);
        }
    }

    static (WorkerReply, byte[]) Checked(WorkerReply kind, byte[] payload)
    {
        if (kind != WorkerReply.Failed) return (kind, payload);
        using var reader = WorkerFrames.Open(payload);
        throw new EngineException(reader.ReadString());
    }

    /// <summary>Why the process does not answer: what it was ended for, or else what it did.</summary>
    Exception Reason(Exception cause)
    {
        lock (gate)
            return ended ??= new QueryException(
                $"the query ended the engine that ran it, mostly for want of memory, of which it may have {limits.MemoryBytes >> 20} MiB: narrow it to fewer processes, times or columns, or aggregate earlier", cause: cause);
    }

    void End(Exception reason)
    {
        lock (gate) ended ??= reason;
        if (Interlocked.Exchange(ref isReleased, 1) != 0) return;
        try
        {
            process.Kill();
            process.WaitForExit(EndTimeout);
        }
        catch (Exception cause) when (cause is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended already, or does so now.
        }
        finally
        {
            released();
        }
    }
}
