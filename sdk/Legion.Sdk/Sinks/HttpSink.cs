using Legion.Format;

namespace Legion.Sdk;

/// <summary>Sends batches to a server from a thread of its own, one at a time, and again until the server has said what became of each block.</summary>
sealed class HttpSink : ISink
{
    readonly ITransport transport;
    readonly SelfLog selfLog;
    readonly SendQueue queue;
    readonly Backoff backoff;
    readonly SpoolLeftovers? leftovers;
    readonly WatchNotice? watch;
    readonly CommandInbox? commands;
    readonly AutoResetEvent wake = new(false);
    readonly ManualResetEventSlim ending = new();
    readonly Lock waiting = new();
    readonly List<TaskCompletionSource> emptied = [];
    readonly Lock starting = new();
    Thread? sending;
    bool reportedRefusal;

    /// <param name="capBytes">What may wait, in memory and on disk together.</param>
    /// <param name="memoryBytes">What may wait in memory.</param>
    /// <param name="leftovers">What dead processes have left, which goes when nothing of this one waits; or null. What it takes counts towards the cap.</param>
    /// <param name="watch">Hears which processes answers name as watched; or null.</param>
    /// <param name="commands">Takes the commands that answers carry; null where none are wanted.</param>
    public HttpSink(ITransport transport, SelfLog selfLog, long capBytes, long memoryBytes, Backoff backoff, SpoolLeftovers? leftovers = null, WatchNotice? watch = null, CommandInbox? commands = null)
    {
        this.transport = transport;
        this.selfLog = selfLog;
        this.backoff = backoff;
        this.leftovers = leftovers;
        this.watch = watch;
        this.commands = commands;
        queue = new SendQueue(capBytes, memoryBytes);
    }

    public static HttpSink To(TelemetryOptions options, SelfLog selfLog, bool hasSpool, WatchNotice watch, CommandInbox? commands)
    {
        // Half of the cap at most is for the dead: what happens now must find room too.
        var leftovers = options.Spool is { } root && NativePages.CanMap ? new SpoolLeftovers(root, selfLog, options.SpoolBytes / 2) : null;
        var capBytes = hasSpool ? options.SpoolBytes : options.QueueBytes;
        return new HttpSink(new HttpTransport(options.Endpoint!, options.ApiKey), selfLog, capBytes, options.QueueBytes, Backoff.Default, leftovers, watch, commands);
    }

    public SinkCounts Counts => queue.Counts;

    public void Add(ProcessRecord record) => queue.Add(record);

    public void Add(StreamRecord record) => queue.Add(record);

    public void Add(Schema schema) => queue.Add(schema);

    public void Add(FinishedBlock block) => queue.Add(block);

    public void EndPass() => TryWake();

    public bool Flush(TimeSpan timeout)
    {
        var request = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (waiting) emptied.Add(request);
        return TryWake() && request.Task.Wait(timeout);
    }

    /// <summary>Sends nothing more but what is on its way.</summary>
    public void Stop()
    {
        ending.Set();
        wake.Set();
    }

    public void Dispose()
    {
        Stop();
        // Closing the connection ends the request that is on its way.
        lock (starting)
        {
            if (sending?.Join(TimeSpan.FromMilliseconds(200)) == false)
            {
                transport.Dispose();
                sending.Join(TimeSpan.FromSeconds(1));
            }
        }
        transport.Dispose();
        leftovers?.Dispose();
    }

    /// <summary>Wakes the thread that sends. A system that has none to give is asked again with the next pass; until then blocks wait.</summary>
    /// <returns>False where there is none.</returns>
    bool TryWake()
    {
        lock (starting)
        {
            if (sending is null && !ending.IsSet)
            {
                try
                {
                    var thread = new Thread(Send) { Name = "legion send", IsBackground = true };
                    thread.Start();
                    sending = thread;
                }
                catch (Exception refused) when (refused is OutOfMemoryException or ThreadStartException)
                {
                    if (!reportedRefusal) selfLog.Report($"cannot start the thread that sends, trying again: {refused.Message}");
                    reportedRefusal = true;
                }
            }
            wake.Set();
            return sending is not null;
        }
    }

    void Send()
    {
        OwnWork.Begin();
        while (!ending.IsSet)
        {
            // A hostile server, a full disk: whatever goes wrong, the thread goes on.
            try
            {
                if (queue.Take() is { } shipment) Pause(Send(shipment));
                else if (TellEmpty() && leftovers?.TrySend(transport) is { } pause) wake.WaitOne(pause);
                else wake.WaitOne(SpoolLeftovers.Interval);
            }
            catch (Exception exception)
            {
                selfLog.Report("cannot go on sending, trying again", exception);
                ending.Wait(backoff.Next());
            }
        }
    }

    /// <summary>Waits; a server that is away leaves time for what dead processes have left.</summary>
    void Pause(TimeSpan pause)
    {
        if (pause > TimeSpan.Zero && leftovers is not null)
        {
            leftovers.Tend();
            queue.LeaveRoom(leftovers.Bytes);
        }
        ending.Wait(pause);
    }

    /// <summary>Sends one batch and settles it.</summary>
    /// <returns>How long to wait before the next.</returns>
    TimeSpan Send(Shipment shipment)
    {
        var isSettled = false;
        try
        {
            var reply = transport.Post(shipment.Bytes);
            var answer = AppendAnswer.Read(reply.Body);
            isSettled = true;
            return Settle(shipment, reply, answer);
        }
        catch (IOException unreachable) when (!isSettled)
        {
            selfLog.Report($"cannot reach the server, trying again: {unreachable.Message}");
            return backoff.Next();
        }
        finally
        {
            // Whatever went wrong, want of memory or of file handles too.
            if (!isSettled) queue.TakeBack(shipment);
        }
    }

    TimeSpan Settle(Shipment shipment, Reply reply, AppendAnswer answer)
    {
        switch (reply.Status)
        {
            case 200 or 424:
                foreach (var (block, reason) in answer.Refused) selfLog.Report($"block {block} was refused: {reason}");
                queue.Settle(shipment, answer);
                commands?.Add(answer.Commands);
                watch?.Hear(answer.Watched);
                // The server may ask for what it lacks time and again without taking a block; then it is asked more slowly.
                var isFruitless = shipment.Blocks.Count > 0 ? answer.Stored.Count == 0 && answer.Refused.Count == 0 : answer.LacksAnything;
                if (isFruitless && backoff.CountFruitless() > 1)
                {
                    selfLog.Report($"the server took none of {shipment.Blocks.Count} blocks (status {reply.Status}), trying again: {answer.Error ?? "something is missing"}");
                    return backoff.Next();
                }
                if (!isFruitless) backoff.Reset();
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

    /// <returns>True when nothing waits.</returns>
    bool TellEmpty()
    {
        if (!queue.IsEmpty) return false;
        lock (waiting)
        {
            foreach (var request in emptied) request.TrySetResult();
            emptied.Clear();
        }
        return true;
    }
}

/// <summary>How long to wait before a request is repeated: twice as long each time up to a limit, by a random part less, so that clients do not come all at once.</summary>
sealed class Backoff(TimeSpan first, TimeSpan longest)
{
    int failures;
    int fruitless;

    public static Backoff Default => new(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(60));

    /// <param name="asked">What the server asks for, if it does; at least that, and at most an hour: the server may be anybody.</param>
    public TimeSpan Next(TimeSpan? asked = null)
    {
        var most = Math.Min(longest.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(failures++, 30)));
        var pause = TimeSpan.FromMilliseconds(most * (0.5 + Random.Shared.NextDouble() / 2));
        if (asked > TimeSpan.FromHours(1)) asked = TimeSpan.FromHours(1);
        return asked > pause ? asked.Value : pause;
    }

    /// <summary>The longest wait at once.</summary>
    public TimeSpan Slow() => longest * (0.5 + Random.Shared.NextDouble() / 2);

    /// <summary>Counts answers in a row that brought nothing.</summary>
    public int CountFruitless() => ++fruitless;

    public void Reset() => failures = fruitless = 0;
}
