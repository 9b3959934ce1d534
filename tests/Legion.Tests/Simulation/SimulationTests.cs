using System.Collections.Concurrent;
using System.Globalization;
using Legion.Store;
using Legion.Tests.Store;

namespace Legion.Tests.Simulation;

public sealed class SimulationTests : IDisposable
{
    /// <summary>Half a minute of one processor; LEGION_SIMULATIONS goes on.</summary>
    const int Seeds = 1_000;

    /// <summary>Seeds that use a database together, each as a tenant of its own: making one takes as long as a seed.</summary>
    const int SeedsPerDatabase = 100;

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("legion-simulation-");

    /// <summary>Invariant 2 of the architecture, and 8 of its store: whatever is killed, lost, repeated, delayed or reordered.</summary>
    [Fact]
    public void EveryInterleavingEndsRight()
    {
        var seeds = int.Parse(Environment.GetEnvironmentVariable("LEGION_SIMULATIONS") ?? $"{Seeds}", CultureInfo.InvariantCulture);
        var first = int.Parse(Environment.GetEnvironmentVariable("LEGION_SEED") ?? "0", CultureInfo.InvariantCulture);
        var failures = new ConcurrentQueue<string>();
        // A database by the same name again, as what is compiled for its statements goes by the name.
        var names = new ConcurrentBag<string>();
        var databases = 0;
        Parallel.ForEach(Enumerable.Range(first, seeds).Chunk(SeedsPerDatabase), some =>
        {
            if (!names.TryTake(out var name)) name = $"simulation-{Interlocked.Increment(ref databases)}";
            Run(name, some, failures);
            names.Add(name);
        });
        Assert.True(failures.IsEmpty, $"{failures.Count} seeds fail:\n{string.Join('\n', failures.Take(20))}");
    }

    public void Dispose() => folder.Delete(recursive: true);

    void Run(string name, int[] seeds, ConcurrentQueue<string> failures)
    {
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
