using System.Text;
using Legion.Tests.Support;

namespace Legion.Tests.Tiles;

/// <summary>Random processes, the same for the same seed.</summary>
static class SpanScene
{
    static readonly string[] Names = ["frame", "update", "draw", "load asset", "<img src=x onerror=alert(1)>", "größer", ""];

    /// <summary>Nested spans on some threads over some nanoseconds, in several blocks; on every third thread the last ones stay open.</summary>
    public static EventScript Random(int seed, int threads, long durationNs, int spansPerThread)
    {
        var random = new Random(seed);
        var text = new StringBuilder();
        for (var thread = 0; thread < threads; thread++)
        {
            var open = new Stack<string>();
            var at = random.NextInt64(durationNs / 10);
            for (var left = spansPerThread; left > 0;)
            {
                if (random.Next(50) == 0) text.AppendLine($"t{thread} cut");
                if (open.Count < 6 && random.Next(2) == 0)
                {
                    open.Push(Names[random.Next(Names.Length)]);
                    text.AppendLine($"t{thread} begin {at} \"{open.Peek()}\"");
                    left--;
                }
                else if (open.TryPop(out _))
                {
                    text.AppendLine($"t{thread} end {at}");
                }
                // Mostly short, sometimes nothing at all, sometimes as long as many steps.
                at += random.Next(5) switch { 0 => 0, 1 => random.Next(200), 2 => random.Next(2_000), _ => random.NextInt64(durationNs / spansPerThread) };
            }
            while (thread % 3 != 0 && open.TryPop(out _)) text.AppendLine($"t{thread} end {at++}");
        }
        return EventScript.Parse(text.ToString());
    }
}
