using Legion.Cli.Testing;

namespace Legion.Tests.Cli;

public sealed class TestCountsTests : IDisposable
{
    readonly string report = Path.GetTempFileName();
    readonly List<string> failures = [];

    [Fact]
    public void ReportsAddUp() =>
        Assert.Equal("5 passed, 1 failed, 2 skipped", (new TestCounts(3, 1, 0) + new TestCounts(2, 0, 2)).ToString());

    [Theory]
    [InlineData("""{"results":{"summary":{"tests":9,"passed":4,"failed":2,"pending":1,"skipped":1,"other":1}}}""", "4 passed, 3 failed, 2 skipped")]
    [InlineData("""{"results":{"summary":{"tests":9,"passed":4}}}""", "")]
    [InlineData("""{"results":{"summary":{"tests":9""", "")]
    [InlineData("[]", "")]
    [InlineData("", "")]
    public void TheReportOfDotnetIsRead(string json, string counts)
    {
        File.WriteAllText(report, json);
        Assert.Equal(counts, $"{DotnetTests.Read(report, failures)}");
        Assert.Empty(failures);
    }

    [Fact]
    public void WhatFailedIsNamedInALineEach()
    {
        File.WriteAllText(report, """
            {"results":{"summary":{"passed":1,"failed":2,"other":0,"skipped":0,"pending":0},"tests":[
              {"name":"Tiles.Decode","status":"passed"},
              {"name":"Tiles.Refuse(bytes: 3)","status":"failed","message":"Assert.Equal() Failure\r\n  Expected: 1\n  Actual:   2"},
              {"name":"Tiles.Hang","status":"failed"}]}}
            """);
        Assert.Equal(new TestCounts(1, 2, 0), DotnetTests.Read(report, failures));
        Assert.Equal(["failed: Tiles.Refuse(bytes: 3): Assert.Equal() Failure Expected: 1 Actual: 2", "failed: Tiles.Hang: "], failures);
        Assert.Equal($"failed: a: {new string('x', 400)}…", TestCounts.Failure("a", new string('x', 1_000)));
    }

    const string Vitest = """
        {"testResults":[
          {"status":"passed","assertionResults":[{"fullName":"tile decodes","status":"passed"},{"fullName":"tile refuses","status":"failed","failureMessages":["Error: no\n  at line 3"]},{"fullName":"cache keeps","status":"skipped"}]},
          {"status":"failed","assertionResults":[]}]}
        """;

    [Theory]
    [InlineData(Vitest, null, "1 passed, 2 failed, 1 skipped")]
    [InlineData(Vitest, "tile", "1 passed, 2 failed, 0 skipped")]
    [InlineData("""{"testResults":[]}""", null, "0 passed, 0 failed, 0 skipped")]
    [InlineData("""{"success":false}""", null, "")]
    [InlineData("", null, "")]
    public void TheReportOfVitestIsRead(string json, string? filter, string counts)
    {
        File.WriteAllText(report, json);
        Assert.Equal(counts, $"{VitestTests.Read(report, filter, failures)}");
        if (failures.Count > 0) Assert.Equal("failed: tile refuses: Error: no at line 3", failures[0]);
    }

    [Fact]
    public void AMissingReportOrACrashedRunnerIsAFailure()
    {
        Assert.Null(DotnetTests.Read(report + ".missing", failures));
        Assert.Null(VitestTests.Read(report + ".missing", null, failures));
        Assert.Equal(new TestCounts(0, 1, 0), TestCounts.Checked("runner", null, runnerFailed: false));
        Assert.Equal(new TestCounts(3, 1, 0), TestCounts.Checked("runner", new TestCounts(3, 0, 0), runnerFailed: true));
        Assert.Equal(new TestCounts(3, 2, 0), TestCounts.Checked("runner", new TestCounts(3, 2, 0), runnerFailed: true));
        Assert.Equal(new TestCounts(3, 0, 0), TestCounts.Checked("runner", new TestCounts(3, 0, 0), runnerFailed: false));
    }

    public void Dispose() => File.Delete(report);
}
