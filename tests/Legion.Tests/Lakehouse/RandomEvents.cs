namespace Legion.Tests.Lakehouse;

/// <summary>
/// Text of a script (<see cref="Support.EventScript"/>) with something for every view: two threads over some hours, in blocks of few events, with spans across many of them and across threads,
/// with gaps, logs, metrics, frames, attachments and events of a type in two versions.
/// </summary>
static class RandomEvents
{
    const long MinuteNs = 60_000_000_000;

    /// <param name="steps">Of each thread; each is some events.</param>
    public static string Of(Random random, int steps)
    {
        var lines = new List<string> { "start 2026-01-01T20:00:00Z" };
        var begun = new List<long>();
        var chunks = 0;
        foreach (var thread in (string[])["main", "worker"])
        {
            var (now, open, frame) = (0L, 0, 0L);
            for (var i = 0; i < steps; i++)
            {
                now += random.Next(1, 1000) + random.Next(12) / 9 * random.Next(1, 40) * MinuteNs;
                switch (random.Next(12))
                {
                    case 0:
                        var ended = random.Next(open + 1);
                        open -= ended;
                        lines.Add($"{thread} gap {now} {now + 10} {ended + random.Next(1, 5)} {ended} memory");
                        now += 10;
                        break;
                    case < 6 when open > 0:
                        open--;
                        lines.Add($"{thread} end {now}");
                        break;
                    default:
                        open++;
                        lines.Add($"{thread} begin {now} span{random.Next(steps)}{(random.Next(3) == 0 ? $" n={i}" : "")}");
                        break;
                }
                if (random.Next(3) == 0)
                {
                    begun.Add(now);
                    lines.Add($"{thread} async {now} {begun.Count} request{i} n={i}");
                }
                else if (begun.Count > 0 && random.Next(begun.Count) is var span && begun[span] is >= 0 and var beganAt && beganAt <= now)
                {
                    begun[span] = -1;
                    lines.Add($"{thread} await {now} {span + 1} status={i}");
                }
                if (random.Next(4) == 0) lines.Add($"{thread} marker {now} marker{i}");
                if (random.Next(4) == 0) lines.Add($"{thread} flow {now} {i % 5} flow");
                if (random.Next(4) == 0)
                {
                    var attachment = chunks / 3;
                    lines.Add($"chunk {now} {attachment} {chunks++ % 3} ab|cd|ef {(attachment % 2 == 0 ? "text/plain" : "image/png")} file");
                }
                if (random.Next(9) == 0) lines.Add("attachments cut");
                if (random.Next(9) == 0) lines.AddRange([$"{thread} push {now} job={i}", $"{thread} cut", $"{thread} marker {now} inside", $"{thread} pop {now}"]);
                if (random.Next(3) == 0) lines.Add($"{thread} cut");
                if (random.Next(4) == 0) lines.Add($"log {now} info {thread} \"entry {{x}}\" {i}");
                if (random.Next(6) == 0) lines.Add("log cut");
                if (random.Next(4) == 0) lines.Add($"metric {now} {thread} load percent {i}.5");
                if (random.Next(4) == 0) lines.Add($"count {now} {thread} bytes By {i}");
                if (random.Next(6) == 0) lines.Add("metric cut");
                if (random.Next(3) == 0)
                {
                    lines.Add($"frame {frame} {now} {thread} frames-{thread} {i}");
                    frame = now;
                }
                if (random.Next(6) == 0) lines.Add("frames cut");
                if (random.Next(4) == 0) lines.Add(random.Next(2) == 0 ? $"event Turn {now} number={i} gpu=2.5" : $"event Turn {now} number={i} gpu=1.5 note=note{i}");
                if (random.Next(6) == 0) lines.Add("event Turn cut");
            }
        }
        return string.Join('\n', lines);
    }
}
