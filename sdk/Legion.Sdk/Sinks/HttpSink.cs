using Legion.Format;

namespace Legion.Sdk;

/// <summary>Sends batches to a server from a task of its own, one at a time, and again until the server has said what became of each block.</summary>
sealed class HttpSink : ISink
{
    readonly ITransport transport;
    readonly SelfLog selfLog;
    readonly SendQueue queue;
    readonly Backoff backoff;
    readonly SemaphoreSlim wake = new(0, 1);
    readonly CancellationTokenSource ending = new();
    readonly Lock waiting = new();
    readonly List<TaskCompletionSource> emptied = [];
    readonly Task sending;

    public HttpSink(ITransport transport, SelfLog selfLog, long queueBytes, Backoff backoff)
    {
        this.transport = transport;
        this.selfLog = selfLog;
        this.backoff = backoff;
        queue = new SendQueue(queueBytes);
        sending = Task.Run(SendAsync);
    }

    public static HttpSink To(TelemetryOptions options, SelfLog selfLog) =>
        new(new HttpTransport(options.Endpoint!, options.ApiKey), selfLog, options.QueueBytes, Backoff.Default);

    public SinkCounts Counts => queue.Counts;

    public void Add(ProcessRecord record) => queue.Add(record);

    public void Add(StreamRecord record) => queue.Add(record);

    public void Add(Schema schema) => queue.Add(schema);

    public void Add(FinishedBlock block) => queue.Add(block);

    public void EndPass() => Wake();

    public bool Flush(TimeSpan timeout)
    {
        var request = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (waiting) emptied.Add(request);
        Wake();
        return request.Task.Wait(timeout);
    }

    public void Dispose()
    {
        ending.Cancel();
        // The task observes the cancellation within one request; a transport that does not must not hold the program's end up.
        sending.Wait(TimeSpan.FromSeconds(1));
        transport.Dispose();
    }

    async Task SendAsync()
    {
        try
        {
            while (true)
            {
                while (queue.Take() is { } shipment)
                {
                    var pause = await SendAsync(shipment).ConfigureAwait(false);
                    if (pause > TimeSpan.Zero) await Task.Delay(pause, ending.Token).ConfigureAwait(false);
                }
                TellEmpty();
                await wake.WaitAsync(ending.Token).ConfigureAwait(false);
            }
        }
        catch (Exception) when (ending.IsCancellationRequested)
        {
            // Disposed: what is left unsent has been reported by the recording.
        }
    }

    /// <summary>Sends one batch and settles it.</summary>
    /// <returns>How long to wait before the next.</returns>
    async Task<TimeSpan> SendAsync(Shipment shipment)
    {
        Reply reply;
        try
        {
            reply = await transport.PostAsync(shipment.Bytes, ending.Token).ConfigureAwait(false);
        }
        catch (Exception unreachable) when (!ending.IsCancellationRequested)
        {
            // Whatever a transport throws, the batch has not arrived for sure, and its blocks are asked for again.
            queue.TakeBack(shipment);
            selfLog.Report($"cannot reach the server, trying again: {unreachable.Message}");
            return backoff.Next();
        }
        return Settle(shipment, reply);
    }

    TimeSpan Settle(Shipment shipment, Reply reply)
    {
        var answer = AppendAnswer.Read(reply.Body);
        switch (reply.Status)
        {
            case 200 or 424:
                foreach (var (block, reason) in answer.Refused) selfLog.Report($"block {block} was refused: {reason}");
                queue.Settle(shipment, answer);
                // The server may ask for what it lacks time and again without taking a block; then it is asked more slowly.
                if (shipment.Blocks.Count > 0 && answer.Stored.Count == 0 && answer.Refused.Count == 0 && backoff.CountFruitless() > 1)
                {
                    selfLog.Report($"the server took none of {shipment.Blocks.Count} blocks (status {reply.Status}), trying again: {answer.Error ?? "something is missing"}");
                    return backoff.Next();
                }
                if (answer.Stored.Count > 0 || shipment.Blocks.Count == 0) backoff.Reset();
                return TimeSpan.Zero;
            case 409:
                queue.SettleStored(shipment);
                backoff.Reset();
                return TimeSpan.Zero;
            case 400 or 413 or 422 when shipment.Blocks.Count > 1:
                queue.TakeBack(shipment, oneByOne: true);
                return TimeSpan.Zero;
            case 400 or 413 or 422:
                selfLog.Report($"a batch of {shipment.Bytes.Length} bytes was refused with status {reply.Status}: {answer.Error ?? "no reason given"}");
                queue.SettleRefused(shipment);
                return TimeSpan.Zero;
            case 401 or 403:
                queue.TakeBack(shipment);
                selfLog.Report($"the server does not accept the key (status {reply.Status}), trying again slowly");
                return backoff.Slow();
            default:
                queue.TakeBack(shipment);
                selfLog.Report($"the server answered status {reply.Status}, trying again");
                return backoff.Next(reply.RetryAfter);
        }
    }

    void TellEmpty()
    {
        if (!queue.IsEmpty) return;
        lock (waiting)
        {
            foreach (var request in emptied) request.TrySetResult();
            emptied.Clear();
        }
    }

    void Wake()
    {
        try
        {
            if (wake.CurrentCount == 0) wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Another thread woke it in between.
        }
    }
}

/// <summary>How long to wait before a request is repeated: twice as long each time up to a limit, by a random part less, so that clients do not come all at once.</summary>
sealed class Backoff(TimeSpan first, TimeSpan longest)
{
    int failures;
    int fruitless;

    public static Backoff Default => new(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(60));

    /// <param name="asked">What the server asks for, if it does; at least that.</param>
    public TimeSpan Next(TimeSpan? asked = null)
    {
        var most = Math.Min(longest.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(failures++, 30)));
        var pause = TimeSpan.FromMilliseconds(most * (0.5 + Random.Shared.NextDouble() / 2));
        return asked > pause ? asked.Value : pause;
    }

    /// <summary>The longest wait at once.</summary>
    public TimeSpan Slow() => longest * (0.5 + Random.Shared.NextDouble() / 2);

    /// <summary>Counts answers in a row that brought nothing.</summary>
    public int CountFruitless() => ++fruitless;

    public void Reset() => failures = fruitless = 0;
}
