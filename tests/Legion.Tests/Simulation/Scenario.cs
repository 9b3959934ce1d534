using Legion.Lakehouse;
using Legion.Store;
using Legion.Tests.Store;

namespace Legion.Tests.Simulation;

/// <summary>
/// The core protocol under one seed: clients with spools, ingestion nodes that come and go, sweeps, publication of partitions, erasures, over one store and one catalog.
/// First everything goes wrong that can, for a day; then nothing more does, and in the end all of it must be right.
/// </summary>
static class Scenario
{
    static readonly TimeSpan Faulty = TimeSpan.FromHours(16), Calm = TimeSpan.FromHours(40);

    /// <exception cref="InvalidDataException">What must hold did not.</exception>
    public static async Task RunAsync(int seed, SimulatedLake lake)
    {
        var world = new World(seed);
        var nodes = Enumerable.Range(0, 2).Select(_ => NewNode()).ToArray();
        var clients = Enumerable.Range(0, world.Random.Next(1, 3)).Select(_ => new SimulatedClient(world, lake, AnyNode, blocks: world.Random.Next(2, 6))).ToArray();
        for (var asked = world.Random.Next(4); asked > 0; asked--)
        {
            var client = clients[world.Random.Next(clients.Length)];
            world.After(TimeSpan.FromMinutes(world.Random.Next(60)), null, () => AnyNode().Ask(client.ProcessId));
        }

        if (world.Random.Next(3) == 0)
        {
            var process = clients[world.Random.Next(clients.Length)].ProcessId;
            world.After(TimeSpan.FromHours(6 * world.Random.NextDouble()), null, () => Erase(process));
        }

        world.Run(Faulty);
        world.HasFaults = false;
        for (var i = 0; i < nodes.Length; i++)
            if (!nodes[i].IsAlive) nodes[i] = NewNode();
        world.Run(Calm);
        if (world.Failure is { } failure) throw new InvalidDataException($"seed {seed}: {(failure is InvalidDataException ? failure.Message : failure)}", failure);
        try
        {
            foreach (var client in clients)
                if (!client.IsDone) throw new InvalidDataException("a client's blocks were never acknowledged");
            var blocks = await lake.CheckPayloadsAsync();
            var sent = clients.Where(client => !lake.IsErased(client.ProcessId)).SelectMany(client => client.Sent).ToDictionary();
            if (!blocks.Select(block => block.Row.BlockId).Order().SequenceEqual(sent.Keys.Order())) throw new InvalidDataException($"expected {sent.Count} blocks, each once, saw {blocks.Count}");
            foreach (var (row, bytes) in blocks)
                if (!sent[row.BlockId].Any(form => form.AsSpan().SequenceEqual(bytes))) throw new InvalidDataException($"block {row.BlockId} has bytes that nobody sent");
            foreach (var process in await lake.Catalog.ReadProcessesAsync(lake.Tenant, null, CancellationToken.None))
            {
                var arrivals = blocks.Where(block => block.Row.ProcessId == process.ProcessId).Select(block => block.Row.Arrival).Distinct().Order();
                if (!arrivals.SequenceEqual(Enumerable.Range(1, (int)process.Version).Select(version => (long)version))) throw new InvalidDataException("expected an arrival for each version of a process");
            }
            await lake.CheckObjectsAsync(blocks);
            await lake.CheckErasedAsync();
        }
        catch (InvalidDataException cause)
        {
            throw new InvalidDataException($"seed {seed}: {cause.Message}", cause);
        }

        SimulatedNode NewNode() => new(world, lake, TimeSpan.FromMinutes(20 * world.Random.NextDouble() - 10));

        // Who asked asks until he is told that it is hidden, and again in between.
        void Erase(Guid process)
        {
            AnyNode().Erase(process);
            world.After(TimeSpan.FromMinutes(world.Random.Next(1, 60)), null, () =>
            {
                if (!lake.IsErased(process) || world.Chance(0.1)) Erase(process);
                AnyNode().Ask(process);
            });
        }

        // A load balancer that has not yet noticed sends to the dead as well; who died is replaced.
        SimulatedNode AnyNode()
        {
            var chosen = world.Random.Next(nodes.Length);
            if (!nodes[chosen].IsAlive && world.Random.Next(4) == 0) nodes[chosen] = NewNode();
            return nodes[chosen];
        }
    }
}
