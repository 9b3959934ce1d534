using System.Diagnostics;
using Legion.Format;
using Legion.Sdk;

namespace Legion.Sample.Archive;

/// <summary>Sixty times a second: moves bodies that fall and bounce, draws them into a buffer, and once in a while does what it should not do in a frame.</summary>
sealed class FrameLoop(ArchiveProgress progress)
{
    const int Bodies = 600;
    const int Width = 320, Height = 180;
    const int HitchEvery = 150;

    static readonly TimeSpan frameTime = TimeSpan.FromSeconds(1.0 / 60);

    readonly float[] x = new float[Bodies], y = new float[Bodies], vx = new float[Bodies], vy = new float[Bodies];
    readonly byte[] picture = new byte[Width * Height];

    public void Run(CancellationToken end)
    {
        var random = new Random(7);
        for (var body = 0; body < Bodies; body++)
        {
            (x[body], y[body]) = (random.NextSingle() * Width, random.NextSingle() * Height);
            (vx[body], vy[body]) = (random.NextSingle() * 2 - 1, random.NextSingle() * 2 - 1);
        }
        var clock = Stopwatch.StartNew();
        for (var number = 0; !end.IsCancellationRequested; number++)
        {
            var began = clock.Elapsed;
            var slowest = Frame(number);
            var took = clock.Elapsed - began;
            Telemetry.Emit(new FrameStats { Number = number, Cpu = took.TotalMilliseconds, Bodies = Bodies, Late = took > frameTime, Slowest = slowest });
            Tally.Frame();
            Telemetry.Metric("frame.cpu", took.TotalMilliseconds, Unit.Milliseconds);
            Telemetry.Metric("archive.files", progress.Files, Unit.Count);
            Tally.Metric();
            Tally.Metric();
            if (took > frameTime)
            {
                Telemetry.Log(Level.Warn, $"frame {number} took {took.TotalMilliseconds:F1} ms, {slowest} was slowest");
                Tally.Log(Level.Warn);
            }
            var rest = frameTime - (clock.Elapsed - began);
            if (rest > TimeSpan.Zero) end.WaitHandle.WaitOne(rest);
        }
    }

    FramePhase Frame(int number)
    {
        using var frame = Telemetry.Span("frame", [new("number", number)]);
        Tally.Span();
        var began = Stopwatch.GetTimestamp();
        using (var phase = Telemetry.Span("physics"))
        {
            Tally.Span();
            MoveBodies();
            var moved = Stopwatch.GetElapsedTime(began);
            phase.Next("render");
            Tally.Span();
            Draw();
            if (number % HitchEvery != HitchEvery - 1)
                return moved > Stopwatch.GetElapsedTime(began) - moved ? FramePhase.Physics : FramePhase.Render;
        }
        Hitch();
        return FramePhase.Hitch;
    }

    void MoveBodies()
    {
        const int steps = 8;
        for (var step = 0; step < steps; step++)
        {
            using var span = Telemetry.Span("step");
            Tally.Span();
            for (var body = 0; body < Bodies; body++)
            {
                vy[body] += 0.01f;
                x[body] += vx[body];
                y[body] += vy[body];
                if (x[body] is < 0 or >= Width) (x[body], vx[body]) = (Math.Clamp(x[body], 0, Width - 1), -vx[body]);
                if (y[body] is < 0 or >= Height) (y[body], vy[body]) = (Math.Clamp(y[body], 0, Height - 1), -0.98f * vy[body]);
            }
        }
    }

    void Draw()
    {
        Array.Clear(picture);
        for (var body = 0; body < Bodies; body++) picture[(int)y[body] * Width + (int)x[body]] = byte.MaxValue;
    }

    /// <summary>Sorts a large list in the middle of a frame: the mistake that the sample is there to show.</summary>
    static void Hitch()
    {
        using var span = Telemetry.Span("hitch");
        Tally.Span();
        var random = new Random(1);
        var numbers = new int[400_000];
        foreach (ref var entry in numbers.AsSpan()) entry = random.Next();
        Array.Sort(numbers);
    }
}

/// <summary>What the workers have done so far.</summary>
sealed class ArchiveProgress
{
    long files, bytesRead, bytesPacked;

    public long Files => Interlocked.Read(ref files);
    public long BytesRead => Interlocked.Read(ref bytesRead);
    public long BytesPacked => Interlocked.Read(ref bytesPacked);

    public void Add(long read, long packed)
    {
        Interlocked.Increment(ref files);
        Interlocked.Add(ref bytesRead, read);
        Interlocked.Add(ref bytesPacked, packed);
    }
}
