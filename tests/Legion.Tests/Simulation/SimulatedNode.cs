using Legion.Format;
using Legion.Lakehouse;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Simulation;

/// <summary>An ingestion node that also sweeps, erases and answers queries, over a lake that fails it now and then.</summary>
sealed class SimulatedNode : Actor
{
    static readonly TimeSpan SweepInterval = TimeSpan.FromHours(8), ErasureInterval = TimeSpan.FromHours(1);

    readonly SimulatedLake lake;
    readonly LakeStore store;
    readonly BlockAppend append;
    readonly Materializer materializer;

    public SimulatedNode(World world, SimulatedLake lake, TimeSpan skew) : base(world, skew)
    {
        this.lake = lake;
        store = new LakeStore(SimulatedLake.Location, new ObjectHooks(lake.Objects, AroundAsync), CatalogHooks.Around(lake.Catalog, AroundAsync));
        append = new BlockAppend(store, Clock);
        materializer = new Materializer(store, lake.Tenant, Clock, WriteAsync);
        Begin(SweepAsync);
        Begin(FinishErasuresAsync);
    }

    /// <summary>A batch arrived.</summary>
    /// <param name="answer">Told what became of it; null for a status that says again later.</param>
    public void Receive(IReadOnlyList<BatchItem> items, Action<AppendAnswer?> answer) => Begin(async () =>
    {
        await StepAsync(killedChance: 0.01);
        try
        {
            var answered = await append.AppendAsync(lake.Tenant, items, CancellationToken.None);
            lake.Answered(answered);
            answer(answered);
        }
        catch (StoreUnavailableException)
        {
            answer(null);
        }
    });

    /// <summary>Somebody asks for all events of a process: they get those of every block that was acknowledged before they asked, of each once.</summary>
    public void Ask(Guid processId) => Begin(async () =>
    {
        try
        {
            var (acknowledged, isErased) = (lake.AcknowledgedOf(processId), lake.IsErased(processId));
            foreach (var snapshot in await ProcessSnapshot.ReadAsync(store.Catalog, lake.Tenant, [processId], CancellationToken.None))
            {
                var (partitions, _) = await materializer.MaterializeAsync(Views.Spans, snapshot, _ => true, null, CancellationToken.None);
                var rows = new List<Guid>();
                foreach (var partition in partitions.Where(partition => partition.Path.Length > 0))
                {
                    var bytes = await store.Objects.ReadAsync(partition.Path, 0, (int)partition.Bytes, CancellationToken.None);
                    rows.AddRange(bytes.Chunk(16).Select(id => new Guid(id)));
                }
                var blocks = snapshot.Slots.SelectMany(slot => slot.Blocks).ToArray();
                Check(blocks.Where(block => block.Class == StreamClass.Trace).Select(block => block.BlockId).Order().SequenceEqual(rows.Order()), "a query got other blocks than its snapshot has");
                Check(!isErased, "a query got a process that was erased before");
                Check(lake.IsDoomed(processId) || acknowledged.All(blocks.Select(block => block.BlockId).Contains), "a query did not get a block that was acknowledged before");
            }
        }
        catch (Exception cause) when (cause is StoreUnavailableException or FileNotFoundException || (lake.IsDoomed(processId) && (cause is IOException or InvalidDataException)))
        {
            // Told to ask again: the lake failed, or this one paused for so long that its files were replaced and swept, or the process was erased meanwhile.
        }
    });

    /// <summary>Somebody has a process erased.</summary>
    public void Erase(Guid processId) => Begin(async () =>
    {
        lake.Dooms(processId);
        try
        {
            var erasure = new LakeErasure(store, lake.Tenant, Clock);
            var id = await erasure.BeginAsync(processId, CancellationToken.None);
            lake.HasErased(processId);
            await erasure.RunAsync(id, null, CancellationToken.None);
        }
        catch (StoreUnavailableException)
        {
            // He is told to ask again, or another node goes on.
        }
    });

    async Task FinishErasuresAsync()
    {
        while (true)
        {
            await WaitAsync(ErasureInterval * (0.5 + World.Random.NextDouble()));
            try
            {
                await new LakeErasure(store, lake.Tenant, Clock).RunAllAsync(CancellationToken.None);
            }
            catch (StoreUnavailableException)
            {
                // Next time.
            }
        }
    }

    async Task SweepAsync()
    {
        while (true)
        {
            await WaitAsync(SweepInterval * (0.5 + World.Random.NextDouble()));
            try
            {
                var totals = await new LakeSweep(store, Clock).RunAsync(new SweepOptions(), null, CancellationToken.None);
                if (totals.Objects > 0) await lake.CheckPayloadsAsync();
            }
            catch (StoreUnavailableException)
            {
                // Next time.
            }
        }
    }

    /// <summary>Instead of Parquet the ids of the slot's blocks, each read first: what is published does not depend on what it looks like.</summary>
    static async Task<WrittenPartition> WriteAsync(View view, ProcessSnapshot snapshot, Slot slot, BlockSource source, string file, CancellationToken cancellation)
    {
        var ids = new List<byte>();
        foreach (var row in PartitionBuilder.BlocksOf(view, snapshot, slot))
        {
            var block = await source.ReadAsync(row, cancellation);
            ids.AddRange(block.Header.BlockId.ToByteArray());
        }
        File.WriteAllBytes(file, [.. ids]);
        return new WrittenPartition(ids.Count / 16, ids.Count, []);
    }

    /// <summary>A call over the network to store or catalog: on its way, and its reply on the way back, everything may happen.</summary>
    async Task AroundAsync(string method, Func<Task> call)
    {
        await StepAsync(killedChance: 0.004);
        if (World.Chance(0.02)) throw new StoreUnavailableException($"{method} failed");
        await call();
        // A transaction whose commit's reply was lost is run again by the catalog itself.
        if (World.Chance(0.02) && method == nameof(ICatalog.InsertBlocksAsync)) await call();
        await StepAsync(killedChance: 0.004);
        if (World.Chance(0.02)) throw new StoreUnavailableException($"the reply to {method} was lost");
    }

    void Check(bool holds, string sentence)
    {
        if (!holds) World.Fail(new InvalidDataException(sentence));
    }
}
