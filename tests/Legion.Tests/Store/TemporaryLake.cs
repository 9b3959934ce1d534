using Legion.Store;

namespace Legion.Tests.Store;

/// <summary>A lake in a folder of its own, which is gone when the test ends.</summary>
sealed class TemporaryLake : IDisposable
{
    public TemporaryLake()
    {
        Folder = Directory.CreateTempSubdirectory("legion-lake-").FullName;
        Store = Open();
    }

    public string Folder { get; }
    public LakeStore Store { get; }

    /// <summary>The lake as another process would open it: no state in memory is shared.</summary>
    public LakeStore Open() => LakeStore.OpenOrCreate(LakeLocation.Parse(Folder));

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
