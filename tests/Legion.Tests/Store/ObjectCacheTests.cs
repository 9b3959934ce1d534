using System.Collections.Concurrent;
using System.Security.Cryptography;
using Legion.Store;
using Legion.Tests.Support;
using Microsoft.Win32.SafeHandles;

namespace Legion.Tests.Store;

public sealed class ObjectCacheTests : IDisposable
{
    const int Size = 1000;

    readonly string folder = Directory.CreateTempSubdirectory("legion-cache-").FullName;
    readonly ManualClock clock = new();
    readonly ConcurrentDictionary<string, byte[]> objects = new();
    readonly ConcurrentQueue<(string Key, ObjectRange Range)> requests = new();
    readonly ObjectCache cache;

    /// <summary>Called before a request is answered.</summary>
    Func<ObjectRange, SafeFileHandle, CancellationToken, Task> before = (_, _, _) => Task.CompletedTask;

    public ObjectCacheTests() => cache = Open();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OnlyWhatIsMissingIsFetchedAndNearRangesAtOnce()
    {
        using var file = await HoldAsync("a/1");

        await file.FetchAsync([new(10, 20), new(300, 400), new(15, 30), new(60, 70)], Cancellation); // 50 bytes cost a request
        Assert.Equal([(10, 70), (300, 400)], Requests());
        await file.FetchAsync([new(0, 20), new(310, 500)], Cancellation);
        Assert.Equal([(0, 10), (400, 500)], Requests());
        await file.FetchAsync([new(0, 70), new(300, 500)], Cancellation);

        Assert.Empty(Requests());
        var (seen, expected) = (await File.ReadAllBytesAsync(file.Path, Cancellation), objects["a/1"]);
        Assert.Equal((Size, false), (seen.Length, file.IsWhole));
        Assert.Equal(expected[..70], seen[..70]);
        Assert.Equal(expected[300..500], seen[300..500]);
        Assert.All(seen[70..300], value => Assert.Equal(0, value));
    }

    [Fact]
    public async Task WhatManyAskForAtOnceIsFetchedOnce()
    {
        var mayEnd = new TaskCompletionSource();
        before = (_, _, _) => mayEnd.Task;
        var files = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => HoldAsync("a/1")));

        var fetches = files.Select(file => file.FetchAsync([new(0, Size)], Cancellation)).ToArray();
        mayEnd.SetResult();
        await Task.WhenAll(fetches);

        Assert.Equal([(0, Size)], Requests());
        Assert.Single(files.Select(file => file.Path).Distinct());
        Assert.Equal(objects["a/1"], await File.ReadAllBytesAsync(files[0].Path, Cancellation));
        foreach (var file in files) file.Dispose();
    }

    [Fact]
    public async Task WhoGivesUpWaitingLeavesTheOthersTheirs()
    {
        var begun = new TaskCompletionSource();
        before = async (_, _, cancellation) =>
        {
            if (!begun.TrySetResult()) return;
            await Task.Delay(Timeout.Infinite, cancellation);
        };
        using var file = await HoldAsync("a/1");
        using var impatience = new CancellationTokenSource();

        var impatient = file.FetchAsync([new(0, Size)], impatience.Token);
        await begun.Task;
        var patient = file.FetchAsync([new(0, Size)], Cancellation);
        await impatience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        await patient;
        Assert.Equal(objects["a/1"], await File.ReadAllBytesAsync(file.Path, Cancellation));
    }

    [Fact]
    public async Task AFetchThatFailsHalfWayCountsForNothing()
    {
        before = (range, file, _) =>
        {
            RandomAccess.Write(file, new byte[(int)range.Bytes / 2], range.Begin);
            throw new StoreUnavailableException("away");
        };
        using (var file = await HoldAsync("a/1")) await Assert.ThrowsAsync<StoreUnavailableException>(() => file.FetchAsync([new(0, 100), new(500, 600)], Cancellation));
        requests.Clear();
        before = (_, _, _) => Task.CompletedTask;

        using var again = await HoldAsync("a/1");
        await again.FetchAsync([new(0, 100), new(500, 600)], Cancellation);

        Assert.Equal([(0, 100), (500, 600)], Requests());
        Assert.Equal(objects["a/1"][500..600], (await File.ReadAllBytesAsync(again.Path, Cancellation))[500..600]);
    }

    [Fact]
    public async Task ProgramsShareWhatEitherFetched()
    {
        var other = Open();
        using var first = await HoldAsync("a/1");
        using var second = await HoldAsync("a/1", other);
        await first.FetchAsync([new(0, 300)], Cancellation);
        await second.FetchAsync([new(200, 600)], Cancellation);
        requests.Clear();

        foreach (var file in (LocalFile[])[first, second, await HoldAsync("a/1", Open())]) await file.FetchAsync([new(0, 600)], Cancellation);

        Assert.Empty(requests);
        Assert.Equal(objects["a/1"][..600], (await File.ReadAllBytesAsync(second.Path, Cancellation))[..600]);
    }

    [Fact]
    public async Task WhatWasUsedLongestAgoMakesRoom()
    {
        var small = Open(bytes: 3 * Size);
        foreach (var key in (string[])["a/1", "a/2", "a/3"]) await TouchAsync(key);
        await TouchAsync("a/1");
        await TouchAsync("a/4");

        Assert.Equal(["a/1", "a/4"], Copies()); // a tenth stays free, so that one more had to go
        requests.Clear();
        await TouchAsync("a/1");
        await TouchAsync("a/2");
        Assert.Equal([(0, Size)], Requests());

        async Task TouchAsync(string key)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            using var file = await HoldAsync(key, small);
            await file.FetchAsync([new(0, Size)], Cancellation);
        }
    }

    [Fact]
    public async Task WhatSomebodyReadsStaysWhicheverProgramMakesRoom()
    {
        var (one, other) = (Open(bytes: Size), Open(bytes: Size));
        using var held = await HoldAsync("a/1", one);
        await held.FetchAsync([new(0, Size)], Cancellation);
        foreach (var (key, program) in ((string, ObjectCache)[])[("a/2", one), ("a/3", other), ("a/4", other)])
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            using var file = await HoldAsync(key, program);
            await file.FetchAsync([new(0, Size)], Cancellation);
        }
        Assert.Equal(["a/1", "a/4"], Copies());
        Assert.Equal(objects["a/1"], await File.ReadAllBytesAsync(held.Path, Cancellation));

        held.Dispose();
        using var last = await HoldAsync("a/5", other);
        await last.FetchAsync([new(0, Size)], Cancellation);
        Assert.Equal(["a/5"], Copies());
    }

    [Fact]
    public async Task ProgramsThatMakeRoomForEachOtherNeverReadAHole()
    {
        var programs = Enumerable.Range(0, 3).Select(_ => Open(bytes: 3 * Size)).ToArray();
        await Parallel.ForAsync(0, 300, new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = Cancellation }, async (i, cancellation) =>
        {
            var key = $"a/{i * 7 % 5}";
            using var file = await HoldAsync(key, programs[i % 3]);
            await file.FetchAsync([new(i % 9 * 100, Size)], cancellation);
            var seen = await File.ReadAllBytesAsync(file.Path, cancellation);
            Assert.Equal(objects[key][(i % 9 * 100)..], seen[(i % 9 * 100)..]);
        });
        Assert.InRange(Copies().Length, 1, 5);
    }

    [Fact]
    public async Task WhatIsForgottenWhileItIsFetchedLeavesNoFile()
    {
        var (begun, mayEnd) = (new TaskCompletionSource(), new TaskCompletionSource());
        before = (_, _, _) =>
        {
            begun.SetResult();
            return mayEnd.Task;
        };
        using var file = await HoldAsync("a/1");
        var fetch = file.FetchAsync([new(0, Size)], Cancellation);
        await begun.Task;
        var forgotten = cache.ForgetAsync("a/1");
        mayEnd.SetResult();
        await Task.WhenAll(fetch, forgotten);

        Assert.Empty(Copies());
        await Assert.ThrowsAsync<FileNotFoundException>(() => file.FetchAsync([new(0, Size)], Cancellation));
    }

    [Fact]
    public async Task WhatAnotherProgramForgetsWhileItIsFetchedLeavesNoFile()
    {
        before = async (_, _, _) =>
        {
            objects.TryRemove("a/1", out _);
            await Open().ForgetGoneAsync(Cancellation);
            objects["a/1"] = new byte[Size]; // the answer was on its way
        };
        using var file = await HoldAsync("a/1");

        await Assert.ThrowsAsync<FileNotFoundException>(() => file.FetchAsync([new(0, Size)], Cancellation));
        Assert.Empty(Files());
    }

    [Fact]
    public async Task CopiesOfWhatIsGoneAreDeletedByTheNextProgramThatOpensTheLake()
    {
        foreach (var key in (string[])["a/1", "a/2"])
        {
            using var file = await HoldAsync(key);
            await file.FetchAsync([new(0, Size)], Cancellation);
        }
        objects.TryRemove("a/1", out _);

        using (await HoldAsync("a/2", Open())) Assert.Equal(["a/1", "a/2"], Copies()); // somebody looked a moment ago
        clock.Advance(TimeSpan.FromHours(2));
        using (await HoldAsync("a/2", Open())) Assert.Equal(["a/2"], Copies());
    }

    [Fact]
    public async Task AnObjectThatIsGoneIsSaidToBeAndLeavesNoCopy()
    {
        using var file = await HoldAsync("a/1");
        await file.FetchAsync([new(0, 100)], Cancellation);
        objects.TryRemove("a/1", out _);

        await Assert.ThrowsAsync<FileNotFoundException>(() => file.FetchAsync([new(500, 600)], Cancellation));
        Assert.False(cache.Has("a/1"));
        Assert.Empty(Files());
    }

    [Fact]
    public async Task WhatAKilledProgramLeftIsMadeAnew()
    {
        var (data, parts) = (Path.Combine(folder, "lake", "data", "a", "1"), Path.Combine(folder, "lake", "parts", "a", "1"));
        foreach (var file in (string[])[data, parts]) Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(data, "", Cancellation); // killed between the two steps of a removal
        await File.WriteAllTextAsync(parts, $"0 100\n20x 300\n400\n500 60", Cancellation);

        using var copy = await HoldAsync("a/1");
        await copy.FetchAsync([new(0, Size)], Cancellation);

        Assert.Equal([(0, Size)], Requests());
        Assert.Equal(objects["a/1"], await File.ReadAllBytesAsync(copy.Path, Cancellation));
    }

    [Fact]
    public async Task AFileThatBecomesAnObjectIsItsCopy()
    {
        var file = cache.NewTemporaryFile();
        await File.WriteAllBytesAsync(file, Object("a/1"), Cancellation);
        cache.Adopt("a/1", file);
        File.Delete(file);

        using var copy = await HoldAsync("a/1");
        await copy.FetchAsync([new(0, Size)], Cancellation);

        Assert.True(copy.IsWhole);
        Assert.Empty(requests);
        Assert.Equal(objects["a/1"], await File.ReadAllBytesAsync(copy.Path, Cancellation));
    }

    [Fact]
    public void OfTheTemporaryFoldersOnlyThoseOfProgramsThatWereKilledAreRemoved()
    {
        var own = cache.NewTemporaryFile();
        File.WriteAllText(own, "");
        var killed = Directory.CreateDirectory(Path.Combine(folder, "tmp", "killed")).FullName;
        var @lock = Path.Combine(killed, "lock");
        File.WriteAllText(@lock, "");
        File.WriteAllText(Path.Combine(killed, "object"), "of a program that is gone");

        // It may be that of a program that is just starting.
        Assert.Equal(0, cache.SweepTemporary());
        File.SetLastWriteTimeUtc(@lock, DateTime.UtcNow.AddMinutes(-2));
        Assert.Equal(1, cache.SweepTemporary());

        Assert.Equal((false, true), (Directory.Exists(killed), File.Exists(own)));
    }

    /// <summary>Whoever sweeps may have a lock before the program that is about to take it.</summary>
    [Fact]
    public async Task FoldersAreMadeWhileOthersSweep()
    {
        const int Makers = 4, Folders = 400;
        var parent = Path.Combine(folder, "made");
        Directory.CreateDirectory(parent);
        using var made = new CancellationTokenSource();
        var sweeper = Task.Run(() =>
        {
            while (!made.IsCancellationRequested) TemporaryFolder.SweepDead(Directory.EnumerateDirectories(parent), DateTime.UtcNow.AddMinutes(-1));
        }, Cancellation);
        Parallel.For(0, Makers, _ =>
        {
            for (var number = 0; number < Folders; number++)
            {
                using var one = TemporaryFolder.CreateIn(parent);
                File.WriteAllText(one.NewFile(), "");
                Assert.Single(Directory.EnumerateFiles(one.Path), file => Path.GetFileName(file) != "lock");
            }
        });
        await made.CancelAsync();
        await sweeper;
        // What was about to be removed from both sides at once.
        TemporaryFolder.SweepDead(Directory.EnumerateDirectories(parent), DateTime.UtcNow.AddMinutes(1));
        Assert.Empty(Directory.EnumerateDirectories(parent));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>As another program would.</summary>
    ObjectCache Open(long bytes = 1 << 20) => new(CacheFolder.Open(new CacheSettings { Folder = folder, Bytes = bytes, RequestBytes = 50 }, clock), "lake", FetchAsync,
        (key, _) => Task.FromResult(objects.ContainsKey(key)));

    Task<LocalFile> HoldAsync(string key, ObjectCache? of = null)
    {
        objects.GetOrAdd(key, Object);
        return (of ?? cache).HoldAsync(key, Size, Cancellation);
    }

    static byte[] Object(string key) => [.. Enumerable.Range(0, Size / 20).SelectMany(i => SHA1.HashData(System.Text.Encoding.UTF8.GetBytes($"{key} {i}")))];

    async Task FetchAsync(string key, ObjectRange range, SafeFileHandle into, CancellationToken cancellation)
    {
        requests.Enqueue((key, range));
        await before(range, into, cancellation);
        if (!objects.TryGetValue(key, out var bytes)) throw new FileNotFoundException($"no {key}");
        await RandomAccess.WriteAsync(into, bytes.AsMemory((int)range.Begin, (int)range.Bytes), range.Begin, cancellation);
    }

    /// <summary>What was asked for since the last time, in order of place.</summary>
    (int, int)[] Requests()
    {
        var seen = requests.Select(request => ((int)request.Range.Begin, (int)request.Range.End)).Order().ToArray();
        requests.Clear();
        return seen;
    }

    string[] Copies() => [.. Directory.EnumerateFiles(Path.Combine(folder, "lake", "data"), "*", SearchOption.AllDirectories).Select(file => "a/" + Path.GetFileName(file)).Order()];

    /// <summary>Copies, and what is known of them.</summary>
    string[] Files() => [.. Directory.EnumerateFiles(Path.Combine(folder, "lake"), "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "looked")];
}
