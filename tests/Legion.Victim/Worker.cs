using Legion.Format;
using Legion.Sdk;

namespace Legion.Victim;

/// <summary>Records numbered events of every common kind, and says after each that it is recorded.</summary>
sealed class Worker(int number, int seed, Progress progress)
{
    public void Run()
    {
        var random = new Random(seed);
        for (var step = 0L; ; step++)
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
            Thread.SpinWait(random.Next(3000));
        }
    }
}
