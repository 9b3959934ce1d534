using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Legion.Sdk;

namespace Legion.Victim;

/// <summary>What a process dies of.</summary>
enum Cause
{
    Kill,
    UnhandledException,
    FailFast,
    StackOverflow,
    Abort,
    WildPointer,

    /// <summary>The managed heap is full; the starter limits it.</summary>
    ManagedMemory,

    /// <summary>The system gives the process no more memory.</summary>
    SystemMemory,

    /// <summary>Of nothing: its threads come to rest, the recording ends.</summary>
    Exit,

    /// <summary>Killed when its threads have come to rest, so that what they recorded is known exactly.</summary>
    KillAtRest,
}

static unsafe partial class Death
{
    const int KillSignal = 9, DataLimit = 2;

    public static void Of(Cause cause, Random random, Recording recording)
    {
        switch (cause)
        {
            case Cause.Exit:
                recording.Dispose();
                break;
            case Cause.Kill or Cause.KillAtRest:
                Kill(Environment.ProcessId, KillSignal);
                break;
            case Cause.UnhandledException:
                throw new InvalidOperationException("nobody catches this");
            case Cause.FailFast:
                Environment.FailFast("this fails fast");
                break;
            case Cause.StackOverflow:
                Recurse(1);
                break;
            case Cause.Abort:
                Abort();
                break;
            case Cause.WildPointer:
                if (random.Next(2) == 0) Scribble(recording.Area, random);
                *(int*)0x1234 = 1;
                break;
            case Cause.ManagedMemory:
                Fill();
                break;
            case Cause.SystemMemory:
                var limit = new Limit { Soft = (nuint)(DataBytes() + (32 << 20)), Hard = nuint.MaxValue };
                SetLimit(DataLimit, limit);
                Fill();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(cause), cause, null);
        }
    }

    /// <summary>Writes over some bytes of what the threads have recorded.</summary>
    static void Scribble(SegmentArea area, Random random)
    {
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var segment = area[random.Next(6)];
            var bytes = new byte[random.Next(1, 64)];
            random.NextBytes(bytes);
            bytes.CopyTo(new Span<byte>(segment.Records + random.Next(Segment.Bytes - 200), bytes.Length));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static int Recurse(int depth) => depth < 0 ? 0 : Recurse(depth + 1) + Recurse(depth + 2);

    static void Fill()
    {
        var kept = new List<byte[]>();
        while (true)
        {
            var piece = new byte[1 << 20];
            Random.Shared.NextBytes(piece);
            kept.Add(piece);
        }
    }

    /// <summary>Private memory of the process, as the limit counts it.</summary>
    static long DataBytes()
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmData:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], System.Globalization.CultureInfo.InvariantCulture);
    }

    struct Limit
    {
        public nuint Soft, Hard;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "abort")]
    private static partial void Abort();

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limit limit);
}
