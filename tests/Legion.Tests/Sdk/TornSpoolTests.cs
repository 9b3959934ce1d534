using Legion.Format;
using Legion.Sdk;
using Legion.Tests.Support;

namespace Legion.Tests.Sdk;

/// <summary>
/// What a killed program left, damaged: a block that is torn costs that block, the others go as they are; whatever is in the segments and beside them,
/// sending ends, and throws nothing. <c>LEGION_TORN</c> says how many cases.
/// </summary>
public sealed class TornSpoolTests : IDisposable
{
    /// <summary>All that is allocated for a case, most of it given back at once: every record that makes no sense is one exception and one gap record, and a MiB of segments holds some ten thousand.</summary>
    const long MostBytesAllocated = 256 << 20;

    readonly string folder = Directory.CreateTempSubdirectory("legion-torn-").FullName;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("*.block.legion", 60)]
    [InlineData("segments", 60)]
    [InlineData("definitions", 25)]
    [InlineData("process.legion", 15)]
    public async Task DamageCostsWhatIsDamaged(string pattern, int defaultCases)
    {
        var cases = int.TryParse(Environment.GetEnvironmentVariable("LEGION_TORN"), out var wanted) ? wanted : defaultCases;
        var whole = Path.Combine(folder, "whole");
        // On a busy machine it may take a while until it has cut a few blocks; many would only make the cases slow.
        for (var milliseconds = 300; milliseconds < 20_000 && CountBlocks(whole) < 4; milliseconds *= 2)
        {
            if (Directory.Exists(whole)) Directory.Delete(whole, recursive: true);
            await VictimProgram.RunAsync(new Uri("http://127.0.0.1:9"), whole, new VictimLife("KillAtRest", milliseconds, Seed: 8, PauseMs: 1, MemoryMiB: 1), Cancellation);
        }
        var name = Path.GetFileName(Assert.Single(Directory.GetDirectories(whole)));
        var files = Directory.GetFiles(Path.Combine(whole, name)).ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes);
        var blocks = files.Where(file => file.Key.EndsWith(".block.legion", StringComparison.Ordinal)).ToDictionary(file => file.Key, file => SpoolFile.Read(file.Value));
        Assert.True(blocks.Count > 3, $"the victim left {blocks.Count} blocks");
        var targets = Directory.GetFiles(Path.Combine(whole, name), pattern).Select(path => Path.GetFileName(path)).ToArray();

        for (var seed = 0; seed < cases; seed++)
        {
            var random = new Random(seed);
            var target = targets[random.Next(targets.Length)];
            var root = Path.Combine(folder, "case");
            Directory.CreateDirectory(Path.Combine(root, name));
            foreach (var (file, bytes) in files) await File.WriteAllBytesAsync(Path.Combine(root, name, file), file == target ? Damaged(bytes, random) : bytes, Cancellation);

            using var server = new FakeServer();
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            SendAll(root, server, $"{target}, seed {seed}");
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;

            Assert.True(allocated < MostBytesAllocated, $"{target}, seed {seed}: {allocated} bytes allocated");
            Assert.Empty(Directory.GetDirectories(root));
            foreach (var (file, block) in blocks.Where(block => block.Key != target))
                Assert.True(server.Stored.TryGetValue(block.Header.BlockId, out var stored) && stored.AsSpan().SequenceEqual(block.Block), $"{target}, seed {seed}: '{file}' did not arrive");
            Assert.All(server.Stored.Values, stored => Block.Read(stored));
        }
    }

    static int CountBlocks(string spool) => Directory.Exists(spool) ? Directory.GetFiles(spool, "*.block.legion", SearchOption.AllDirectories).Length : 0;

    static void SendAll(string root, FakeServer server, string what)
    {
        using var leftovers = new SpoolLeftovers(root, new SelfLog(null));
        var steps = 0;
        while (leftovers.TrySend(server) is not null) Assert.True(++steps < 1000, $"{what}: sending does not end");
    }

    static byte[] Damaged(byte[] whole, Random random)
    {
        if (random.Next(3) == 0) return whole[..random.Next(whole.Length)];
        var bytes = whole.ToArray();
        // Where most is written, at the front, and anywhere.
        var most = random.Next(2) == 0 ? Math.Min(bytes.Length, 4096) : bytes.Length;
        for (var times = random.Next(1, 9); times > 0; times--)
        {
            if (random.Next(2) == 0) bytes[random.Next(most)] ^= (byte)(1 << random.Next(8));
            else random.NextBytes(bytes.AsSpan(random.Next(most)) is var rest && rest.Length > 8 ? rest[..8] : rest);
        }
        return bytes;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
