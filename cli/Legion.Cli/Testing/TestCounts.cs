namespace Legion.Cli.Testing;

/// <summary>How many tests ended how.</summary>
readonly record struct TestCounts(int Passed, int Failed, int Skipped)
{
    const int LongestMessage = 400;

    public int Total => Passed + Failed + Skipped;

    public static TestCounts operator +(TestCounts left, TestCounts right) =>
        new(left.Passed + right.Passed, left.Failed + right.Failed, left.Skipped + right.Skipped);

    /// <summary>
    /// Holds what a report says against how its runner ended: no report, or a runner that failed although no test of it did, counts as one failed test.
    /// </summary>
    public static TestCounts Checked(string runner, TestCounts? report, bool runnerFailed)
    {
        if (report is not { } counts)
        {
            Console.Error.WriteLine($"legion: {runner} left no readable report; counted as failed");
            return new TestCounts(0, 1, 0);
        }
        if (!runnerFailed || counts.Failed > 0) return counts;
        Console.Error.WriteLine($"legion: {runner} ended with an error although no test failed; counted as failed");
        return counts with { Failed = 1 };
    }

    /// <summary>One line that says which test failed, and how its message begins.</summary>
    public static string Failure(string? test, string? message)
    {
        var line = string.Join(' ', (message ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return $"failed: {test ?? "a test without a name"}: {(line.Length > LongestMessage ? $"{line[..LongestMessage]}…" : line)}";
    }

    public override string ToString() => $"{Passed} passed, {Failed} failed, {Skipped} skipped";
}
