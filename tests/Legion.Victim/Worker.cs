using Legion.Format;
using Legion.Sdk;

namespace Legion.Victim;

/// <summary>Records numbered events of every common kind, and says after each that it is recorded.</summary>
/// <param name="pauseMs">Milliseconds between steps; 0 for as many as it can.</param>
sealed class Worker(int number, int seed, int pauseMs, Progress progress)
{
    volatile bool isStopped;

    /// <summary>Makes this step the last.</summary>
    public void Stop() => isStopped = true;

    public void Run()
    {
        var random = new Random(seed);
        for (var step = 0L; !isStopped; step++)
        {
            using var span = Telemetry.Span("step");
            progress.Recorded(number);
            Telemetry.Log(Level.Info, $"step {step} of {number}");
            progress.Recorded(number);
            Telemetry.Metric("step", step);
            progress.Recorded(number);
            if (step % 7 == 0)
            {
                using (Telemetry.Context("step", step)) progress.Recorded(number);
                progress.Recorded(number);
            }
            if (step % 50 == 0)
            {
                using (Telemetry.Span("long text", [new("text", new string('x', random.Next(2000)))])) progress.Recorded(number);
                progress.Recorded(number);
            }
            span.Dispose();
            progress.Recorded(number);
            if (pauseMs > 0) Thread.Sleep(pauseMs);
            else Thread.SpinWait(random.Next(3000));
        }
    }
}
