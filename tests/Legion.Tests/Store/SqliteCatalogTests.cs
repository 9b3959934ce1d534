using System.Data.Common;
using Legion.Store;
using Microsoft.Data.Sqlite;

namespace Legion.Tests.Store;

public sealed class SqliteCatalogTests : CatalogContract
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("legion-catalog-");

    string CatalogFile => Path.Combine(folder.FullName, StoreNames.CatalogFile);

    [Fact]
    public void AFileThatIsNoCatalogIsRefused()
    {
        var folder = Directory.CreateTempSubdirectory("legion-lake-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, StoreNames.CatalogFile), new string('x', 5000));
            Assert.Throws<StoreUnavailableException>(() => LakeStore.OpenOrCreate(LakeLocation.Parse(folder.FullName)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public override ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public override ValueTask DisposeAsync()
    {
        folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private protected override ICatalog Open() => SqliteCatalog.Open(CatalogFile);

    private protected override DbConnection Connect() => new SqliteConnection($"Data Source={CatalogFile};Pooling=False");
}
