using Legion.Format;
using Legion.Lakehouse;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Lakehouse;

/// <summary>
/// Blocks come in whatever order, in whatever batches, some twice, with questions and rebuilt trees in between: in the end every view has the rows of a lake that got all of them in order.
/// <c>LEGION_FUZZ_CASES</c> and <c>LEGION_SEED</c> make it go on, and elsewhere.
/// </summary>
public sealed class LatenessTests
{
    static readonly int cases = TestNumber.Of("LEGION_FUZZ_CASES", 2);
    static readonly int seed = TestNumber.Of("LEGION_SEED", 20_261_129);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Late_blocks_leave_every_view_as_a_full_rebuild_makes_it()
    {
        for (var number = 0; number < cases; number++)
        {
            var random = new Random(seed + number);
            var script = EventScript.Parse(RandomEvents.Of(random, 40));
            var blocks = script.Blocks.Where(_ => random.Next(12) > 0).ToArray();
            var damaged = blocks.Where(_ => random.Next(15) == 0).Select(block => block.Id).ToHashSet();
            using var late = new TestLake();
            var order = blocks.ToArray();
            random.Shuffle(order);
            for (var next = 0; next < order.Length;)
            {
                var some = order[next..Math.Min(order.Length, next + random.Next(1, 8))];
                next += some.Length;
                var repeated = random.Next(2) == 0 ? [order[random.Next(next)], some[0]] : Array.Empty<ScriptBlock>();
                await AppendAsync(late, script, [.. some, .. repeated], damaged);
                if (random.Next(3) == 0) await ViewContents.ReadAsync(late, script.ProcessId, ViewContents.Shown.ElementAt(random.Next(ViewContents.Shown.Count())));
                if (random.Next(4) == 0) await ViewContents.ReadAsync(late, script.ProcessId);
            }
            var saw = await ViewContents.ReadAsync(late, script.ProcessId);

            using var inOrder = new TestLake();
            await CutAlikeAsync(late, inOrder, script);
            await AppendAsync(inOrder, script, blocks, damaged);
            var expected = await ViewContents.ReadAsync(inOrder, script.ProcessId);
            expected.AssertEqual(saw, $"LEGION_FUZZ_CASES=1 LEGION_SEED={seed + number}");
        }
    }

    /// <summary>Slots are cut by what is there when somebody asks first, and never moved: rows that name slots are compared over the same ones.</summary>
    internal static async Task CutAlikeAsync(TestLake cut, TestLake lake, EventScript script)
    {
        await lake.AppendAsync(script.Records());
        foreach (var slot in await cut.Store.Catalog.ReadSlotsAsync(Tenant.Default, script.ProcessId, Cancellation))
            Assert.True(await lake.Store.Catalog.AddSlotAsync(Tenant.Default, script.ProcessId, slot.Slot, slot.BeginNs, Cancellation));
    }

    /// <summary>Blocks that are there already stay as they are.</summary>
    static async Task AppendAsync(TestLake lake, EventScript script, IReadOnlyList<ScriptBlock> blocks, HashSet<Guid> damaged)
    {
        var batch = script.Records();
        foreach (var block in blocks.DistinctBy(block => block.Id)) batch.AddBlock(block.Bytes);
        var answer = await new BlockAppend(lake.Store, TimeProvider.System).AppendAsync(Tenant.Default, Batch.Read(batch.ToArray()), Cancellation);
        foreach (var block in answer.Blocks.Where(block => block.Code == BlockCode.Stored && damaged.Contains(block.BlockId))) await lake.DamageAsync(block.BlockId);
    }
}
