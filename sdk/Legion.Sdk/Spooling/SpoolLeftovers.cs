using Legion.Format;

namespace Legion.Sdk;

/// <summary>What became of the blocks that dead processes had left.</summary>
/// <param name="Processes">Of which everything is stored now.</param>
/// <param name="Blocks">Stored now, or found stored before.</param>
/// <param name="Refused">Blocks that the server will never take.</param>
/// <param name="Skipped">Processes that live, or that another program sees to.</param>
public readonly record struct SpoolCounts(int Processes, long Blocks, long Events, long Bytes, long Refused, int Skipped);

/// <summary>Sends what dead processes have left in a spool, piece by piece, so that a living one can send its own in between.</summary>
/// <param name="capBytes">What their blocks may take, at most.</param>
sealed class SpoolLeftovers(string root, SelfLog selfLog, long capBytes = long.MaxValue) : IDisposable
{
    /// <summary>How often the spool is looked through. A process that dies is noticed by another at most so much later.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>One request's worth.</summary>
    const int BatchBytes = 1 << 20;

    readonly Queue<string> folders = [];
    readonly Queue<string> blocks = [];
    readonly HashSet<string> recovered = [];
    readonly Backoff backoff = Backoff.Default;
    SpoolFolder? current;
    string? path;
    long lastLook = -1;
    long notBefore;

    /// <summary>What was sent so far.</summary>
    public SpoolCounts Counts { get; private set; }

    /// <summary>What the blocks took when they were last looked through.</summary>
    public long Bytes { get; private set; }

    /// <summary>Why the last request that failed did.</summary>
    public string Trouble { get; private set; } = "the server stores nothing";

    /// <summary>Sends the next piece.</summary>
    /// <returns>How long to wait before the next; null when nothing is left.</returns>
    public TimeSpan? TrySend(ITransport transport)
    {
        // Whoever waits may be woken before; the server asked to be left alone all the same.
        if (Environment.TickCount64 < notBefore) return TimeSpan.FromMilliseconds(notBefore - Environment.TickCount64);
        var pause = TrySendNext(transport);
        if (pause is { } asked) notBefore = Environment.TickCount64 + (long)asked.TotalMilliseconds;
        return pause;
    }

    TimeSpan? TrySendNext(ITransport transport)
    {
        if (current is null && !TryTakeNext()) return null;
        return blocks.Count > 0 ? SendBlocks(transport) : SendEnd(transport);
    }

    public void Dispose() => current?.Dispose();

    /// <summary>
    /// Turns what dead processes have left into blocks, which take less room than their segments, and keeps those within the cap. No server is needed for it.
    /// Looks at most once every <see cref="Interval"/>.
    /// </summary>
    /// <returns>True if it has looked.</returns>
    public bool Tend()
    {
        if (lastLook >= 0 && Environment.TickCount64 - lastLook < Interval.TotalMilliseconds) return false;
        lastLook = Environment.TickCount64;
        folders.Clear();
        var left = new List<string>();
        var skipped = 0;
        foreach (var folder in Folders(root))
        {
            if (folder != path && !recovered.Contains(folder))
            {
                using var taken = TryTake(folder);
                if (taken is null)
                {
                    skipped++;
                    continue;
                }
            }
            if (folder != path) folders.Enqueue(folder);
            left.AddRange(Blocks(folder));
        }
        Counts = Counts with { Skipped = skipped };
        Bytes = SpoolCap.Enforce(left, capBytes);
        return true;
    }

    bool TryTakeNext()
    {
        if (folders.Count == 0 && !Tend()) return false;
        while (folders.TryDequeue(out var next))
        {
            if (TryTake(next) is not { } taken) continue;
            (current, path) = (taken, next);
            foreach (var block in taken.Blocks()) blocks.Enqueue(block);
            return true;
        }
        return false;
    }

    /// <summary>The folder of a dead process, with all that it recorded in blocks; null where it is not to be had.</summary>
    SpoolFolder? TryTake(string folder)
    {
        if (SpoolFolder.TryTakeOver(folder, selfLog) is not { } taken) return null;
        var isRecovered = false;
        try
        {
            isRecovered = recovered.Contains(folder) || SpoolRecovery.TryRecover(taken, selfLog);
            if (isRecovered) recovered.Add(folder);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            selfLog.Report($"cannot read what is left in '{folder}': {unreadable.Message}");
        }
        finally
        {
            if (!isRecovered) taken.Dispose();
        }
        return isRecovered ? taken : null;
    }

    static string[] Blocks(string folder)
    {
        try
        {
            return SpoolNames.Blocks(folder);
        }
        catch (IOException)
        {
            // Another program has sent and deleted it meanwhile.
            return [];
        }
    }

    /// <summary>The folders of processes in the spool, or the one that it is itself, oldest first.</summary>
    static string[] Folders(string root)
    {
        try
        {
            var locks = Directory.GetFiles(root, SpoolNames.Lock, new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3, IgnoreInaccessible = true });
            return [.. locks.Select(file => Path.GetDirectoryName(file)!).Order(StringComparer.Ordinal)];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    TimeSpan SendBlocks(ITransport transport)
    {
        var files = new List<(string Path, SpoolFile File)>();
        var bytes = 0;
        while (bytes < BatchBytes && blocks.TryDequeue(out var next))
        {
            if (TryRead(next) is not { } file) continue;
            files.Add((next, file));
            bytes += file.Block.Length;
        }
        if (files.Count == 0) return TimeSpan.Zero;
        var reply = Post(transport, files);
        if (reply is null) return Again(files, backoff.Next());
        switch (reply.Value.Status)
        {
            case 200 or 424:
                return Settle(files, AppendAnswer.Read(reply.Value.Body));
            case 409:
                foreach (var (path, file) in files) Stored(path, file);
                return TimeSpan.Zero;
            case 400 or 413 or 422 when files.Count > 1:
                // One of them is at fault, and a spool is not worth a search: each goes alone.
                foreach (var file in files)
                {
                    if (Post(transport, [file]) is not { Status: 200 or 424 or 409 or 400 or 413 or 422 } alone) return Again(files, backoff.Next());
                    if (alone.Status is 400 or 413 or 422) Refuse(file.Path, file.File, "the server cannot read it");
                    else Settle([file], AppendAnswer.Read(alone.Body));
                }
                return TimeSpan.Zero;
            case 400 or 413 or 422:
                Refuse(files[0].Path, files[0].File, "the server cannot read it");
                return TimeSpan.Zero;
            case 401 or 403:
                Trouble = $"the server does not accept the key (status {reply.Value.Status})";
                selfLog.Report($"{Trouble}, what is in the spool stays there");
                return Again(files, backoff.Slow());
            default:
                Trouble = $"the server answered status {reply.Value.Status}";
                return Again(files, backoff.Next(reply.Value.RetryAfter));
        }
    }

    Reply? Post(ITransport transport, List<(string Path, SpoolFile File)> files)
    {
        var batch = new BatchWriter();
        batch.Add(files[^1].File.Process);
        foreach (var stream in files.Select(file => file.File.Stream).DistinctBy(stream => stream.StreamId)) batch.Add(stream);
        foreach (var schema in files.Select(file => file.File.Schema).DistinctBy(schema => schema.Hash)) batch.Add(schema);
        foreach (var (_, file) in files) batch.AddBlock(file.Block);
        try
        {
            return transport.Post(batch.ToArray());
        }
        catch (IOException unreachable)
        {
            Trouble = unreachable.Message;
            return null;
        }
    }

    TimeSpan Settle(List<(string Path, SpoolFile File)> files, AppendAnswer answer)
    {
        var waiting = new List<(string Path, SpoolFile File)>();
        foreach (var (path, file) in files)
        {
            var id = file.Header.BlockId;
            if (answer.Stored.Contains(id)) Stored(path, file);
            else if (answer.Refused.TryGetValue(id, out var reason)) Refuse(path, file, reason);
            else waiting.Add((path, file));
        }
        if (waiting.Count == 0)
        {
            backoff.Reset();
            return TimeSpan.Zero;
        }
        return Again(waiting, backoff.Next());
    }

    void Stored(string path, SpoolFile file)
    {
        Counts = Counts with { Blocks = Counts.Blocks + 1, Events = Counts.Events + file.Header.Events, Bytes = Counts.Bytes + file.Block.Length };
        Bytes = Math.Max(0, Bytes - file.Block.Length);
        DurableFile.TryDelete(path);
    }

    /// <summary>Puts the gap record in the place of what the server will never take.</summary>
    void Refuse(string path, SpoolFile file, string reason)
    {
        selfLog.Report($"block {file.Header.BlockId} was refused: {reason}");
        Counts = Counts with { Refused = Counts.Refused + 1 };
        if (file.GivenUp() is { } gap && TryWrite(path, gap)) blocks.Enqueue(path);
        else DurableFile.TryDelete(path);
    }

    TimeSpan Again(List<(string Path, SpoolFile File)> files, TimeSpan pause)
    {
        var rest = blocks.ToArray();
        blocks.Clear();
        foreach (var (path, _) in files) blocks.Enqueue(path);
        foreach (var path in rest) blocks.Enqueue(path);
        return pause;
    }

    /// <summary>Says how the process ended, now that the server has all its blocks, and forgets it.</summary>
    TimeSpan SendEnd(ITransport transport)
    {
        var process = TryReadProcess();
        if (process is not null)
        {
            var batch = new BatchWriter();
            batch.Add(process);
            try
            {
                if (transport.Post(batch.ToArray()) is { Status: not (200 or 400 or 409 or 413 or 422) } reply)
                {
                    Trouble = $"the server answered status {reply.Status}";
                    return backoff.Next(reply.RetryAfter);
                }
            }
            catch (IOException unreachable)
            {
                Trouble = unreachable.Message;
                return backoff.Next();
            }
        }
        Counts = Counts with { Processes = Counts.Processes + 1 };
        if (!DurableFile.TryDeleteFolder(path!)) selfLog.Report($"cannot delete '{path}': it is sent");
        recovered.Remove(path!);
        current!.Dispose();
        (current, path) = (null, null);
        return TimeSpan.Zero;
    }

    ProcessRecord? TryReadProcess()
    {
        try
        {
            return current!.ReadProcess();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return null;
        }
    }

    SpoolFile? TryRead(string path)
    {
        try
        {
            return SpoolFile.Read(File.ReadAllBytes(path));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            selfLog.Report($"block '{path}' is lost: {unreadable.Message}");
            DurableFile.TryDelete(path);
            return null;
        }
    }

    static bool TryWrite(string path, SpoolFile file)
    {
        try
        {
            DurableFile.Write(path, file.ToBytes());
            return true;
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
