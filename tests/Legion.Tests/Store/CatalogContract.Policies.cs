using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Store;

public abstract partial class CatalogContract
{
    [Fact]
    public async Task APolicyIsItsTenantsAndTheFirstOfItsName()
    {
        var (first, second) = (new PolicyRow("b", "exe = 'Ä'", "", 1, "ann"), new PolicyRow("a", "", new string('x', 100_000), 2, ""));
        Assert.True(await Catalog.AddPolicyAsync(Tenant.Default, first, Cancellation));
        Assert.True(await Catalog.AddPolicyAsync(Tenant.Default, second, Cancellation));
        Assert.True(await Catalog.AddPolicyAsync(Tenant.Default, first, Cancellation)); // the same again, as its outcome may be unknown
        Assert.False(await Catalog.AddPolicyAsync(Tenant.Default, first with { SpanFilter = "line > 5" }, Cancellation));
        Assert.Equal([second, first], await Catalog.ReadPoliciesAsync(Tenant.Default, Cancellation));
        Assert.Empty(await Catalog.ReadPoliciesAsync(other, Cancellation));
        Assert.True(await Catalog.AddPolicyAsync(other, first with { SpanFilter = "line > 5" }, Cancellation));
        Assert.False(await Catalog.RemovePolicyAsync(other, "a", Cancellation));
        Assert.True(await Catalog.RemovePolicyAsync(Tenant.Default, "b", Cancellation));
        Assert.False(await Catalog.RemovePolicyAsync(Tenant.Default, "b", Cancellation));
        Assert.Equal([second], await Catalog.ReadPoliciesAsync(Tenant.Default, Cancellation));
        Assert.Equal("line > 5", Assert.Single(await Catalog.ReadPoliciesAsync(other, Cancellation)).SpanFilter);
    }

    [Fact]
    public async Task WhatFilesOfManyProcessesHaveIsToldWithWhatWasAskedFor()
    {
        Guid[] ids = [.. Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7()).Order()];
        var (one, two, three) = (ids[0], ids[1], ids[2]);
        await RegisterAsync(Process(one), Process(two), Process(three));
        GlobalCover[] covers = [new GlobalCover(one, 3, 0, 10, 11) { MadeUnder = new string('f', 64) }, new GlobalCover(two, 4, 0, 10, 10)];
        await PublishAsync(0, covers, []);
        Assert.Equal(covers, await Catalog.ReadGlobalCoversAsync(Tenant.Default, logs, Cancellation));
        Assert.Empty(await Catalog.ReadGlobalCoversAsync(other, logs, Cancellation));
        Assert.Empty(await Catalog.ReadGlobalCoversAsync(Tenant.Default, logs with { View = "all_frames" }, Cancellation));
        var state = await Catalog.ReadGlobalAsync(Tenant.Default, logs, null, 10, Cancellation);
        Assert.Equal([covers[0], covers[1], null], state.Processes.Select(process => process.Covered));

        // What is said of a process again takes the place of what was.
        await PublishAsync(1, [covers[0] with { MadeUnder = "" }, covers[1] with { MadeUnder = "e" }], []);
        Assert.Equal(["", "e"], (await Catalog.ReadGlobalCoversAsync(Tenant.Default, logs, Cancellation)).Select(cover => cover.MadeUnder));
        await PublishAsync(2, [], [two]);
        Assert.Equal(one, Assert.Single(await Catalog.ReadGlobalCoversAsync(Tenant.Default, logs, Cancellation)).ProcessId);
        await PublishAsync(3, [covers[1]], []);
        await Catalog.DropPartitionsAsync(Tenant.Default, null, null, Cancellation);
        Assert.Empty(await Catalog.ReadGlobalCoversAsync(Tenant.Default, logs, Cancellation));
        await PublishAsync(5, covers, []);
        Assert.Equal(covers, await Catalog.ReadGlobalCoversAsync(Tenant.Default, logs, Cancellation));

        async Task PublishAsync(long generation, GlobalCover[] said, Guid[] forgotten) => Assert.True(await Catalog.PublishGlobalAsync(
            Tenant.Default, new GlobalPublication { Id = Guid.NewGuid(), Name = logs, ExpectedGeneration = generation, Covers = said, Forgotten = forgotten }, Cancellation));
    }
}
