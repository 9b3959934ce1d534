using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Does at the begin of a recording what is else done for the first time when it may be too late: the runtime loads code from files,
/// a program that has no file handles left cannot load any, and what could not be loaded once is missing for good.
/// </summary>
static class Rehearsal
{
    /// <summary>Packs a block; where blocks go to a server, has a socket and reads an answer as well. Nothing leaves the machine.</summary>
    public static void Run(bool hasServer)
    {
        var writer = new MergedWriter(Guid.Empty, Guid.Empty, StreamClass.Log, WellKnown.Schema);
        writer.Lose(new Gap(0, 0, 1, 0, GapReason.Memory));
        writer.Cut(Guid.Empty, new BlockClock(0, [new ClockKnot(0, 0, 0), new ClockKnot(1, 1, 1)])).ToGap(GapReason.Memory);
        if (!hasServer) return;
        AppendAnswer.Read("""{"blocks":[]}"""u8.ToArray());
        HttpTransport.Rehearse();
    }
}
