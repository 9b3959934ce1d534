using System.Text.Json;
using Legion.Tests.Support;

namespace Legion.Tests.Cli;

/// <summary>A lake whose objects lie on S3 and whose catalog lies on MySQL, through the command line alone.</summary>
public sealed class RemoteLakeTests(S3Gateway gateway, MariaDbServer database)
{
    [Fact]
    public async Task SeveralProgramsShareALakeOnS3AndMySql()
    {
        var location = await gateway.NewLocationAsync();
        var catalog = await database.CreateDatabaseAsync();
        string[] lake = ["--lake", location.ToString(), "--s3-endpoint", location.Settings.Endpoint!.ToString(), "--s3-checksum", "when-required"];
        (string, string)[] environment = [("LEGION_CATALOG", catalog.ToString()), ("AWS_ACCESS_KEY_ID", S3Gateway.AccessKey), ("AWS_SECRET_ACCESS_KEY", S3Gateway.Secret)];
        Task<LegionProgram.Outcome> RunAsync(params string[] arguments) => LegionProgram.RunAsync(environment, [.. arguments, .. lake]);

        var writers = await Task.WhenAll(Enumerable.Range(1, 2).Select(seed => RunAsync("generate", "--spans", "1000", "--threads", "2", "--seed", $"{seed}")));
        Assert.All(writers, writer => Assert.Equal(("", 0), (writer.Error, writer.ExitCode)));

        var ids = writers.Select(writer => writer.Output.Trim()).ToArray();
        foreach (var id in ids)
        {
            var query = await RunAsync("query", "--format", "csv", "--set", $"process={id}", "SELECT count(*) AS spans FROM spans WHERE process_id = $process");
            Assert.Equal(("", 0, "spans\n1000\n"), (query.Error, query.ExitCode, query.Output));
        }

        var info = JsonDocument.Parse((await RunAsync("lake", "info", "--json")).Output).RootElement;
        Assert.Equal((location.ToString(), 2, 2), (info.GetProperty("lake").GetString(), info.GetProperty("processes").GetInt32(), info.GetProperty("partitions").GetInt32()));
    }

    [Fact]
    public async Task WhatIsMissingIsSaidInASentence()
    {
        var location = await gateway.NewLocationAsync();
        var catalog = await database.CreateDatabaseAsync();
        var outcome = await LegionProgram.RunAsync([("AWS_ACCESS_KEY_ID", S3Gateway.AccessKey), ("AWS_SECRET_ACCESS_KEY", "wrong")], "generate", "--spans", "10",
            "--lake", location.ToString(), "--catalog", catalog.ToString(), "--s3-endpoint", location.Settings.Endpoint!.ToString(), "--s3-checksum", "when-required");

        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith("legion: cannot write object 'blocks/", Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }
}
