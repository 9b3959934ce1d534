using System.Text.Json;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Cli;

/// <summary>The commands over a lake whose catalog is a MySQL server's.</summary>
public sealed class CatalogOptionTests(MariaDbServer server) : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("legion-lake-");

    [Fact]
    public async Task ProgramsThatShareACatalogSeeOneLake()
    {
        var catalog = Text(await server.CreateDatabaseAsync());
        string[] lake = ["--lake", folder.FullName, "--catalog", catalog];

        var generated = await Task.WhenAll(Enumerable.Range(0, 3).Select(seed => LegionProgram.RunAsync(["generate", "--spans", "1000", "--threads", "2", "--seed", $"{seed}", .. lake])));
        Assert.All(generated, outcome => Assert.Equal(("", 0), (outcome.Error, outcome.ExitCode)));
        var ids = generated.Select(outcome => outcome.Output.Trim()).Order(StringComparer.Ordinal).ToArray();

        var counted = await LegionProgram.RunAsync(["query", "--format", "csv", .. lake,
            $"SELECT process_id, count(*) AS spans FROM spans WHERE process_id IN ('{string.Join("', '", ids)}') GROUP BY ALL ORDER BY ALL"]);
        Assert.Equal(("", $"process_id,spans\n{string.Concat(ids.Select(id => $"{id},1000\n"))}"), (counted.Error, counted.Output));

        using (await ServedLake.StartAsync(folder.FullName, "--catalog", catalog))
        {
            var named = await LegionProgram.RunAsync([("LEGION_CATALOG", catalog)], "lake", "info", "--lake", folder.FullName, "--json");
            var info = JsonDocument.Parse(named.Output).RootElement;
            Assert.Equal((3, 3), (info.GetProperty("processes").GetInt32(), info.GetProperty("partitions").GetInt32()));
        }
        Assert.False(File.Exists(Path.Combine(folder.FullName, StoreNames.CatalogFile)));
    }

    [Fact]
    public async Task AServerThatRefusesIsNamedWithoutThePassword()
    {
        var address = await server.CreateDatabaseAsync() with { Password = "wrong-secret" };
        var outcome = await LegionProgram.RunAsync("lake", "info", "--lake", folder.FullName, "--catalog", Text(address));
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains($"{address}", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-secret", outcome.Error, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Delete(recursive: true);

    static string Text(CatalogAddress address) => $"mysql://{address.User}:{address.Password}@{address.Host}:{address.Port}/{address.Database}";
}
