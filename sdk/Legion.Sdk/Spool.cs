namespace Legion.Sdk;

/// <summary>What recordings keep on disk until a server has it, for programs other than the one that recorded.</summary>
public static class Spool
{
    /// <summary>Sends what dead processes have left in a folder: a spool, or what one process has in it. Processes that live are left alone.</summary>
    /// <param name="report">Takes a sentence for whatever is damaged, refused or tried again.</param>
    /// <param name="patience">How long a server that does not answer is tried again.</param>
    /// <param name="progress">Takes what is sent so far, on the calling thread, after each request.</param>
    /// <exception cref="IOException">The server could not be reached within <paramref name="patience"/>, or does not accept the key; what is not sent stays.</exception>
    public static SpoolCounts Send(string folder, Uri endpoint, string? apiKey, Action<string> report, TimeSpan patience, Action<SpoolCounts>? progress = null, CancellationToken cancellation = default)
    {
        using var transport = new HttpTransport(endpoint, apiKey);
        using var leftovers = new SpoolLeftovers(folder, new SelfLog(report));
        var lastProgress = Environment.TickCount64;
        var sent = leftovers.Counts;
        while (leftovers.TrySend(transport) is { } pause)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Invoke(leftovers.Counts);
            if (pause == TimeSpan.Zero || leftovers.Counts != sent) (lastProgress, sent) = (Environment.TickCount64, leftovers.Counts);
            if (Environment.TickCount64 - lastProgress + pause.TotalMilliseconds > patience.TotalMilliseconds)
                throw new IOException($"cannot send what is left in '{folder}' to {endpoint}: {leftovers.Trouble}; {sent.Blocks} blocks are sent, the others stay");
            if (pause > TimeSpan.Zero) cancellation.WaitHandle.WaitOne(pause);
        }
        return leftovers.Counts;
    }

    /// <summary>Deletes all that processes have left in a spool, unsent: consent was withdrawn. What a living process has there it deletes itself.</summary>
    public static void Delete(string folder)
    {
        if (!Directory.Exists(folder)) return;
        foreach (var process in Directory.GetDirectories(folder))
        {
            if (SpoolFolder.TryTakeOver(process, new SelfLog(null)) is not { } taken) continue;
            taken.Delete();
            taken.Dispose();
        }
    }
}
