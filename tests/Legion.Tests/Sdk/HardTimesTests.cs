using Legion.Sdk;
using Legion.Tests.Support;

namespace Legion.Tests.Sdk;

/// <summary>
/// Whatever a machine refuses and however a server behaves: the program goes on and writes what it writes itself, memory stays within the cap,
/// what is lost is counted, the recording ends in time. When times are better, the lake has all of it but what gap records name.
/// </summary>
public sealed class HardTimesTests : IAsyncLifetime
{
    /// <summary>What the guest lets its recording have, in bytes: blocks in progress and those that wait.</summary>
    const long CapBytes = (4 << 20) / 2 + (256 << 10);

    /// <summary>What lies beside it: a batch on its way, and an answer that may have 4 MiB.</summary>
    const long BesidesBytes = 8 << 20;

    static readonly TimeSpan inTime = TimeSpan.FromSeconds(5), enough = TimeSpan.FromSeconds(30);

    readonly IngestionServer server = new();
    readonly string folder = Directory.CreateTempSubdirectory("legion-hard-times-").FullName;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => server.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    public static TheoryData<string, bool> Refusals
    {
        get
        {
            string[] adversities = ["FullDisk", "ReadOnlyFolder", "DeletedFolder", "NoFileHandles", "NoThreads"];
            var cases = new TheoryData<string, bool>();
            foreach (var adversity in adversities)
            {
                // A folder is there only when the recording has begun.
                if (!adversity.EndsWith("Folder", StringComparison.Ordinal)) cases.Add(adversity, true);
                cases.Add(adversity, false);
            }
            return cases;
        }
    }

    public static TheoryData<string> Hostilities => [.. Enum.GetNames<Hostility>()];

    /// <summary>But for one that says when it wants to be asked again: in an hour, which is granted.</summary>
    public static TheoryData<string> CurableHostilities => [.. Enum.GetNames<Hostility>().Where(name => name != nameof(Hostility.AsksForever))];

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task WhatAMachineRefusesCostsWhatGapsName(string adversity, bool isAtStart)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "limits are those of Linux");
        await using var proxy = new FaultProxy(server.Url);
        var guest = await GuestProgram.RunAsync(proxy.Url, folder, adversity, isAtStart, hasSpool: true, endsInTime: false, () => proxy.IsAway = true, () => proxy.IsAway = false, Cancellation);
        await AssertExactAsync(guest);
    }

    [Theory]
    [MemberData(nameof(CurableHostilities))]
    public async Task AServerThatComesToItsSensesGetsAllButWhatGapsName(string hostility)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the guest is a program of Unix");
        using var hostile = new HostileServer(Enum.Parse<Hostility>(hostility));
        await using var proxy = new FaultProxy(hostile.Url);
        var guest = await GuestProgram.RunAsync(proxy.Url, folder, "None", isAtStart: false, hasSpool: false, endsInTime: false, () => { }, () => ComeToSenses(hostile, proxy), Cancellation);
        await AssertExactAsync(guest);
    }

    [Theory]
    [MemberData(nameof(Hostilities))]
    public async Task AServerThatStaysHostileDoesNotHoldUpTheEnd(string hostility)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the guest is a program of Unix");
        using var hostile = new HostileServer(Enum.Parse<Hostility>(hostility));
        var guest = await GuestProgram.RunAsync(hostile.Url, folder, "None", isAtStart: false, hasSpool: true, endsInTime: true, () => { }, () => AssertSomebodyCame(hostile), Cancellation);
        Assert.True(guest.End < inTime, $"the end took {guest.End}: {guest.Reports}");
        Assert.Equal(0, guest.Stored);
        Spool.Send(Path.Combine(folder, "spool"), server.Url, null, _ => { }, enough, cancellation: Cancellation);
        // The end may come before the last pass; the spool has the rest.
        await AssertAllIsThereAsync(guest);
    }

    static void AssertSomebodyCame(HostileServer hostile) => Assert.True(SpinWait.SpinUntil(() => hostile.Connections > 0, enough), "nobody came");

    void ComeToSenses(HostileServer hostile, FaultProxy proxy)
    {
        AssertSomebodyCame(hostile);
        proxy.Server = server.Url;
    }

    async Task AssertExactAsync(GuestFigures guest)
    {
        var stored = await AssertAllIsThereAsync(guest);
        Assert.Equal(guest.Produced, guest.Recorded + guest.Dropped);
        Assert.Equal(guest.Dropped + guest.GivenUp, stored.LostEvents);
    }

    async Task<StoredProcess> AssertAllIsThereAsync(GuestFigures guest)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(guest.ToString());
        var stored = await StoredProcess.ReadAsync(server.Lake, guest.ProcessId, Cancellation);
        Assert.Equal(guest.Produced, stored.Events + stored.LostEvents);
        // Asynchronous sockets need them, and the runtime ends a program that gets none.
        Assert.Equal(0, guest.PoolThreads);
        Assert.True(guest.GrownBytes < CapBytes + BesidesBytes, $"{guest.GrownBytes} bytes more: {guest.Reports}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{stored.Events} in the lake, {stored.LostEvents} in gaps");
        return stored;
    }
}
