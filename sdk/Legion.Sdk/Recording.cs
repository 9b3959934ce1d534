using System.Runtime.CompilerServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>The program's one recording, from <see cref="Telemetry.Start"/> until it is disposed or the program ends.</summary>
public sealed class Recording : IDisposable
{
    /// <summary>How often a system that had no thread to give is asked again: a refusal costs the program's thread some ten microseconds.</summary>
    static readonly TimeSpan startInterval = TimeSpan.FromSeconds(1);

    static readonly Lock starting = new();
    static Recording? current;

    readonly TelemetryOptions options;
    readonly ISink sink;
    readonly SelfLog selfLog;
    readonly SegmentArea area;
    readonly AttachmentQueue attachments;
    readonly SpoolFolder? spool;
    readonly RemoteControl? control;
    readonly WatchNotice watch;
    readonly Sampler? sampler;
    readonly Counters counters = new();
    readonly Flusher flusher;
    readonly AutoResetEvent wake = new(false);
    readonly Lock startingFlusher = new();
    Thread? flushing;
    long lastStart;
    readonly Lock joining = new();
    readonly List<ThreadContext> joined = [];
    readonly List<ThreadContext> contexts = [];
    readonly ulong asyncBase = (ulong)Random.Shared.NextInt64();
    long asyncThreads;
    readonly Queue<TaskCompletionSource> flushRequests = [];
    readonly Lock describing = new();
    readonly Lock keeping = new();
    readonly Dictionary<string, Value> properties;
    ProcessRecord process;
    bool propertiesChanged;
    long lastHeartbeat;
    string endReason = "exit";
    RunningBridges? bridges;
    int ending;
    // No thread begins anything any more; and, a moment later, all that the threads recorded is committed: the pass after that is the last.
    volatile bool isClosed;
    volatile bool isComplete;
    volatile bool isWoken;
    volatile bool isDying;
    volatile bool hasReadAll;
    volatile bool isWithdrawn;

    Recording(TelemetryOptions options)
    {
        this.options = options;
        selfLog = new SelfLog(options.SelfLog);
        ProcessId = Guid.CreateVersion7();
        properties = new Dictionary<string, Value>(options.Properties);
        var knot = ProcessClock.Knot();
        var clock = new ClockTimeline(knot);
        process = ProcessDescription.Describe(ProcessId, options.ParentProcessId, clock.StartNs);
        if (options.Exe is { } exe) process = process with { Exe = exe };
        var segments = SegmentArea.SegmentsFor(options.MemoryBytes);
        if (options is { Endpoint: not null, Spool: { } root }) spool = SpoolFolder.TryCreate(root, ProcessId, segments, selfLog, out area!);
        area ??= SegmentArea.Reserve(ProcessId, segments);
        area.Header.UtcOffsetNs = clock.UtcOffsetNs;
        area.Keep(knot);
        attachments = new AttachmentQueue(options.MemoryBytes / 2);
        var commands = options.CommandKey is null ? null : new CommandInbox();
        watch = new WatchNotice(ProcessId, TimeProvider.System);
        sink = options.Sink ?? (options.File is { } file ? new FileSink(file, selfLog, options.QueueBytes) : HttpSink.To(options, selfLog, spool is not null, watch, commands));
        if (commands is not null) control = RemoteControl.Of(commands, ProcessId, options, selfLog);
        if (options.Sampling is { } sampling) sampler = new Sampler(sampling, sink, options.QueueBytes / 2, (spool is null ? options.QueueBytes : options.SpoolBytes) / 2, knot);
        flusher = new Flusher(ProcessId, sink, options, options.MemoryBytes / 2, counters, clock, area, Definitions.Live, attachments, spool) { Sampler = sampler };
    }

    internal static Recording? Current => current;

    /// <summary>That of the running recording, and of the last one until another runs.</summary>
    internal static Redaction? Redaction { get; private set; }

    /// <summary>True while the program records.</summary>
    internal static bool IsRunning
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => current is not null;
    }

    public Guid ProcessId { get; }

    internal SegmentArea Area => area;

    /// <summary>What the recording has done so far.</summary>
    public Statistics Statistics => new(
        new EventCounts(counters.Trace, counters.Logs, counters.Metrics, counters.UserEvents),
        new EventCounts(counters.LostTrace, counters.LostLogs, counters.LostMetrics, counters.LostUserEvents),
        counters.Damaged,
        sink.Counts)
    {
        Sampled = sampler?.SampledEvents ?? 0,
    };

    internal static Recording Start(TelemetryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        Recording recording;
        lock (starting)
        {
            if (current is not null) throw new InvalidOperationException("cannot start a recording: the program records already");
            recording = new Recording(options);
            // Before any thread records: what it declares first must be known after a crash as well.
            if (recording.spool?.Definitions is { } definitions)
            {
                DeclarationTable.Keep(definitions);
                EventShape.Keep(definitions);
            }
            Redaction = options.Redaction;
            LogSite.TakeRedaction(isNeeded: options.Redaction is not null);
            Volatile.Write(ref current, recording);
        }
        AppDomain.CurrentDomain.ProcessExit += recording.OnProcessExit;
        AppDomain.CurrentDomain.UnhandledException += recording.OnUnhandledException;
        recording.Describe(last: false);
        Verbosity.Set(options.MinimumLevel, options.Levels);
        if (!recording.TryStartFlushing()) recording.selfLog.Report("cannot start the flush thread, trying again: the system has none to give");
        recording.bridges = new RunningBridges(options.Bridges, recording.selfLog);
        return recording;
    }

    /// <summary>Cuts and sends all that was recorded before the call, but for what sampling has not decided on yet.</summary>
    /// <returns>True if it was stored within <paramref name="timeout"/>.</returns>
    public bool Flush(TimeSpan timeout)
    {
        if (ending != 0 || !TryStartFlushing()) return false;
        var deadline = DateTime.UtcNow + timeout;
        var request = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (flushRequests)
        {
            if (ending != 0) return false;
            flushRequests.Enqueue(request);
        }
        wake.Set();
        return request.Task.Wait(timeout) && sink.Flush(Left(deadline));
    }

    /// <summary>Ends the recording and waits for the last blocks to be stored, at most for <see cref="TelemetryOptions.EndTimeout"/>.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref ending, 1) != 0) return;
        var deadline = DateTime.UtcNow + options.EndTimeout;
        Leave();
        if (!EndFlushing())
        {
            selfLog.Report("cannot end the recording in time: the flush thread does not answer");
            return;
        }
        var isStored = sink.Flush(Left(deadline));
        if (!isStored) selfLog.Report(spool is null ? "cannot store all blocks before the end: what is left is lost" : "cannot store all blocks before the end: the next start sends what is left");
        sink.Dispose();
        EndSpool(isDone: isStored);
        area.Discard();
    }

    /// <summary>
    /// Ends the recording because consent to it was withdrawn: nothing more is sent, and all that this process and dead ones have in the spool is deleted.
    /// </summary>
    public void Withdraw()
    {
        if (Interlocked.Exchange(ref ending, 1) != 0) return;
        isWithdrawn = hasReadAll = true;
        (sink as HttpSink)?.Stop();
        Leave();
        var hasEnded = flushing?.Join(options.EndTimeout) ?? true;
        sink.Dispose();
        EndSpool(isDone: true);
        if (hasEnded) area.Discard();
        try
        {
            if (options.Spool is { } root) Spool.Delete(root);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            selfLog.Report($"cannot delete what is in the spool '{options.Spool}': {refused.Message}");
        }
    }

    void EndSpool(bool isDone)
    {
        if (spool is not { Definitions: { } definitions }) return;
        DeclarationTable.StopKeeping(definitions);
        EventShape.StopKeeping(definitions);
        // Unless the last pass has failed, all that was recorded is in blocks; otherwise the next start reads the segments.
        if (isDone && hasReadAll) spool.Delete();
        else if (hasReadAll) spool.DropSegments();
        spool.Dispose();
    }

    /// <summary>Makes this recording no longer the program's.</summary>
    void Leave()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        AppDomain.CurrentDomain.UnhandledException -= OnUnhandledException;
        bridges?.Dispose();
        Interlocked.CompareExchange(ref current, null, this);
        Close();
        isComplete = true;
        wake.Set();
    }

    /// <summary>Sets a property of the process; one that it has already is replaced.</summary>
    public void SetProperty(string key, Value value)
    {
        lock (describing)
        {
            properties[key] = value;
            propertiesChanged = true;
        }
        wake.Set();
    }

    /// <summary>Copies binary data to where the flusher finds it.</summary>
    internal bool Attach(string mediaType, ReadOnlySpan<byte> data, string name)
    {
        if (isClosed) return false;
        var added = attachments.TryAdd(mediaType, name, data);
        wake.Set();
        return added;
    }

    internal ThreadContext Join(Thread thread)
    {
        var context = new ThreadContext(this, area, thread);
        lock (joining)
        {
            joined.Add(context);
            if (contexts.Count == contexts.Capacity) contexts.RemoveAll(known => !known.IsAlive);
            contexts.Add(context);
            // The recording may have ended since the thread looked: then nobody else closes it.
            if (isClosed) context.Close();
        }
        return context;
    }

    /// <summary>Where the thread's ids of async spans begin: a base that differs between processes, and room for 2^40 of each thread.</summary>
    internal ulong AsyncIds() => asyncBase + ((ulong)Interlocked.Increment(ref asyncThreads) << 40);

    /// <summary>Memory for a thread to go on in; null when the cap is reached or the recording has ended. Wakes the flusher when little is left.</summary>
    internal Segment? TryRentSegment()
    {
        if (isClosed) return null;
        var segment = area.TryRent();
        // Once for each pass: while memory is full, each event that is lost comes here.
        if (!isWoken && (segment is null || area.Free < area.Segments / 2))
        {
            isWoken = true;
            wake.Set();
        }
        if (flushing is null && Environment.TickCount64 - Volatile.Read(ref lastStart) >= startInterval.TotalMilliseconds) TryStartFlushing();
        return segment;
    }

    /// <summary>Stops all threads from recording. What they are in the middle of is committed by the time the flusher reads for the last time.</summary>
    void Close()
    {
        isClosed = true;
        lock (joining)
        {
            foreach (var context in contexts) context.Close();
        }
        // A thread that read its limit before now has committed its record before this returns, unless the system has paused it in between.
        Interlocked.MemoryBarrierProcessWide();
        lock (joining)
        {
            // A log that was just being committed may have opened its thread's cursor again.
            foreach (var context in contexts) context.Close();
        }
    }

    /// <summary>Starts the flush thread, unless it runs. A system that has none to give is asked again, by a thread that records; until then all stays in memory.</summary>
    bool TryStartFlushing()
    {
        lock (startingFlusher)
        {
            if (flushing is not null) return true;
            // The refusal is an exception in the middle of a call that only records: no bridge is to see it.
            OwnWork.Begin();
            try
            {
                var thread = new Thread(Run) { Name = "legion flush", IsBackground = true };
                thread.UnsafeStart();
                flushing = thread;
                return true;
            }
            catch (Exception refused) when (refused is OutOfMemoryException or ThreadStartException)
            {
                Volatile.Write(ref lastStart, Environment.TickCount64);
                return false;
            }
            finally
            {
                OwnWork.End();
            }
        }
    }

    /// <summary>Waits for the last pass. Where the system has never had a thread for it, the calling one makes it.</summary>
    /// <returns>False when it is not over in time.</returns>
    bool EndFlushing()
    {
        lock (startingFlusher)
        {
            if (!TryStartFlushing())
            {
                flushing = Thread.CurrentThread;
                Run();
                OwnWork.End();
                return true;
            }
        }
        return flushing!.Join(options.EndTimeout);
    }

    void Run()
    {
        OwnWork.Begin();
        var (last, isFirst) = (false, true);
        while (!last)
        {
            last = isComplete;
            if (isWithdrawn) break;
            // Before anything is read: who finds it full from here on wakes again.
            isWoken = false;
            // Nothing that goes wrong here may end the program: a record that cannot be read is stepped over, the next pass goes on.
            try
            {
                if (isFirst && !last) Rehearsal.Run(hasServer: sink is HttpSink);
                isFirst = false;
                Pass(last);
                hasReadAll = last;
            }
            catch (Exception exception)
            {
                selfLog.Report("cannot finish a pass of the flusher", exception);
            }
            if (!last) wake.WaitOne(options.PassInterval);
        }
        // Nobody may wait for a pass that does not come.
        foreach (var request in TakeFlushRequests()) request.TrySetResult();
    }

    void Pass(bool last)
    {
        var requests = TakeFlushRequests();
        lock (joining)
        {
            foreach (var context in joined) flusher.Add(context);
            joined.Clear();
        }
        Describe(last: false);
        if (control is not null)
        {
            control.Pass();
            sampler?.IsOn = control.IsSampling;
        }
        var blockAge = control?.BlockAge ?? options.BlockAge;
        flusher.BlockAge = watch.IsWatched && options.WatchedBlockAge < blockAge ? options.WatchedBlockAge : blockAge;
        try
        {
            flusher.Pass(cutAll: last || requests.Length > 0, selfLog.Report);
            if (last)
            {
                sampler?.Finish(keepsAll: endReason != "exit");
                Describe(last: true);
                sink.EndPass();
            }
        }
        finally
        {
            foreach (var request in requests) request.TrySetResult();
        }
    }

    /// <summary>Sends the process record when it is new, changed, due as a sign of life, or the last.</summary>
    void Describe(bool last)
    {
        ProcessRecord record;
        lock (describing)
        {
            var isEnd = last || isDying;
            var due = process.Version == 0 || propertiesChanged || isEnd || Environment.TickCount64 - lastHeartbeat >= options.Heartbeat.TotalMilliseconds;
            if (!due) return;
            var seenNs = Math.Max(process.LastSeenNs, flusher.LastKnotUtcNs);
            var all = properties.Select(property => new Property(property.Key, property.Value));
            process = record = process with
            {
                Version = process.Version + 1,
                LastSeenNs = seenNs,
                EndNs = isEnd ? seenNs : null,
                EndReason = isEnd ? endReason : null,
                Properties = [.. options.Redaction is { } redaction ? redaction.Apply(all) : all],
            };
            propertiesChanged = false;
            lastHeartbeat = Environment.TickCount64;
        }
        lock (keeping)
        {
            spool?.Keep(record);
            sink.Add(record);
        }
    }

    TaskCompletionSource[] TakeFlushRequests()
    {
        lock (flushRequests)
        {
            var taken = flushRequests.ToArray();
            flushRequests.Clear();
            return taken;
        }
    }

    void OnProcessExit(object? sender, EventArgs arguments) => Dispose();

    void OnUnhandledException(object sender, UnhandledExceptionEventArgs arguments)
    {
        endReason = arguments.ExceptionObject.GetType().FullName ?? "unhandled exception";
        if (spool is null)
        {
            Log(arguments.ExceptionObject);
            Dispose();
            return;
        }
        // Before anything that may take time: the runtime ends the process whatever happens here. The other threads go on until then,
        // and what they record meanwhile is found in the segments by the next start.
        isDying = true;
        Describe(last: false);
        Log(arguments.ExceptionObject);
        Flush(options.EndTimeout);

        static void Log(object thrown)
        {
            if (thrown is Exception exception) Telemetry.Exception(exception, Level.Fatal);
        }
    }

    static TimeSpan Left(DateTime deadline)
    {
        var left = deadline - DateTime.UtcNow;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
