using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.EndToEnd;

/// <summary>A disk that is full costs time and no data, and is recovered from by itself, wherever it is full.</summary>
public sealed class FullDiskTests
{
    /// <summary>Uploads run into the end of the disk themselves, each at another place.</summary>
    const long Left = 1 << 20;

    [Fact]
    public async Task OfTheLake()
    {
        using var disk = new SmallDisk();
        using var lake = LakeUnderTest.Embedded(disk.Folder, () => { });
        await Of(disk, "store").IsEnduredAsync(lake);
    }

    [Fact]
    public async Task OfTheObjectsAlone()
    {
        using var disk = new SmallDisk();
        var elsewhere = Directory.CreateTempSubdirectory("legion-catalog-");
        using var lake = LakeUnderTest.Embedded(disk.Folder, () => elsewhere.Delete(recursive: true));
        File.CreateSymbolicLink(Path.Combine(disk.Folder, StoreNames.CatalogFile), Path.Combine(elsewhere.FullName, StoreNames.CatalogFile));
        await Of(disk, "store").IsEnduredAsync(lake);
    }

    [Fact]
    public async Task OfTheCatalogAlone()
    {
        using var disk = new SmallDisk();
        using var lake = LakeUnderTest.Embedded();
        File.CreateSymbolicLink(Path.Combine(lake.Arguments[1], StoreNames.CatalogFile), Path.Combine(disk.Folder, StoreNames.CatalogFile));
        await Of(disk, null).IsEnduredAsync(lake);
    }

    static Outage Of(SmallDisk disk, string? failed) => new(failed, () => Run(() => disk.FillBut(Left)), () => Run(disk.MakeRoom));

    static Task Run(Action work)
    {
        work();
        return Task.CompletedTask;
    }
}
