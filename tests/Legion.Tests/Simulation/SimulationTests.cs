using System.Globalization;
using Legion.Store;
using Legion.Tests.Store;

namespace Legion.Tests.Simulation;

public sealed class SimulationTests : IDisposable
{
    const int Seeds = 10_000;

    /// <summary>Seeds that use a database together, each as a tenant of its own: making one takes as long as a seed.</summary>
    const int SeedsPerDatabase = 100;

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("legion-simulation-");

    /// <summary>Invariant 2 of the architecture, and 8 of its store: whatever is killed, lost, repeated, delayed or reordered.</summary>
    [Fact]
    public void EveryInterleavingEndsRight()
    {
        var seeds = int.Parse(Environment.GetEnvironmentVariable("LEGION_SIMULATIONS") ?? $"{Seeds}", CultureInfo.InvariantCulture);
        var first = int.Parse(Environment.GetEnvironmentVariable("LEGION_SEED") ?? "0", CultureInfo.InvariantCulture);
        var failures = new System.Collections.Concurrent.ConcurrentQueue<string>();
        Parallel.ForEach(Enumerable.Range(first, seeds).Chunk(SeedsPerDatabase), some => Run(some, failures));
        Assert.True(failures.IsEmpty, $"{failures.Count} seeds fail:\n{string.Join('\n', failures.Take(20))}");
    }

    public void Dispose() => folder.Delete(recursive: true);

    void Run(int[] seeds, System.Collections.Concurrent.ConcurrentQueue<string> failures)
    {
        var name = $"{Guid.NewGuid():N}";
        var own = folder.CreateSubdirectory(name);
        using var catalog = new MemoryCatalog(name);
        using var tables = MemoryCatalog.Connect(name);
        tables.Open();
        foreach (var seed in seeds)
        {
            try
            {
                var lake = new SimulatedLake(new MemoryObjectStore(own.FullName), catalog, tables, new Tenant($"seed-{seed}"));
                Scenario.RunAsync(seed, lake).GetAwaiter().GetResult();
            }
            catch (InvalidDataException cause)
            {
                failures.Enqueue(cause.Message);
            }
        }
    }
}
