using System.Diagnostics;
using System.Globalization;

namespace Legion.Tests.Support;

/// <summary>What a guest's recording says of itself when it has ended.</summary>
/// <param name="Produced">Events that the program recorded.</param>
/// <param name="Recorded">Of these, those that came into blocks.</param>
/// <param name="Dropped">Those for which there was no memory.</param>
/// <param name="Stored">Those that the server has.</param>
/// <param name="GivenUp">Those whose blocks found no room or were refused.</param>
/// <param name="GrownBytes">Of the managed heap, from the begin of the hard times to their end.</param>
/// <param name="PoolThreads">Of the runtime's pool.</param>
/// <param name="Reports">The recording's own log.</param>
sealed record GuestFigures(Guid ProcessId, long Produced, long Recorded, long Dropped, long Stored, long GivenUp, long GrownBytes, TimeSpan End, long PoolThreads, string Reports);

/// <summary>A program in hard times, run as a process of its own: limits are a process's, and so is its console.</summary>
static class GuestProgram
{
    /// <param name="isAtStart">Whether the hard times begin before the recording, or when it has begun.</param>
    /// <param name="endsInTime">Whether it ends in hard times and at once, or when they are over and with all that it has.</param>
    /// <param name="begun">Called when the hard times are about to begin.</param>
    /// <param name="recorded">Called when all is recorded, before the end.</param>
    public static async Task<GuestFigures> RunAsync(Uri endpoint, string folder, string adversity, bool isAtStart, bool hasSpool, bool endsInTime, Action begun, Action recorded, CancellationToken cancellation)
    {
        object[] values = [adversity, isAtStart, hasSpool, endsInTime];
        var start = new ProcessStartInfo(VictimProgram.Executable, ["guest", endpoint.AbsoluteUri, folder, .. values.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture)!)])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(cancellation);
        foreach (var (expected, answer) in new[] { ("begun", begun), ("recorded", recorded) })
        {
            var said = await process.StandardOutput.ReadLineAsync(cancellation);
            if (said != expected) Assert.Fail($"the guest said '{said}' for '{expected}': {await error}");
            answer();
            await process.StandardInput.WriteLineAsync();
            await process.StandardInput.FlushAsync(cancellation);
        }
        var rest = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        Assert.Equal((0, ""), (process.ExitCode, await error));
        // Two lines more, and nothing else: a guest does not write to the console of its host.
        var lines = rest.Split(Environment.NewLine);
        Assert.Equal(3, lines.Length);
        var figures = lines[0].Split(' ');
        var numbers = figures[1..].Select(figure => long.Parse(figure, CultureInfo.InvariantCulture)).ToArray();
        return new GuestFigures(Guid.Parse(figures[0]), numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], TimeSpan.FromMilliseconds(numbers[6]), numbers[7], lines[1]);
    }
}
