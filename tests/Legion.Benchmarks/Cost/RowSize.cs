using Legion.Cli.Generate;
using Legion.Store;
using Microsoft.Data.Sqlite;

namespace Legion.Benchmarks.Cost;

/// <summary>Bytes that a block's row takes in a catalog, its indexes included: measured in SQLite. InnoDB's pages are about as full.</summary>
static class RowSize
{
    public static double Measure()
    {
        var folder = Directory.CreateTempSubdirectory("legion-bench-");
        try
        {
            var lake = LakeStore.OpenOrCreate(LakeLocation.Parse(folder.FullName));
            var empty = CatalogBytes(folder);
            var append = new BlockAppend(lake, TimeProvider.System);
            LoadGenerator.GenerateAsync(new GeneratedLoad { Spans = 2_000_000, BlockBytes = 1024 }, batch => append.AppendAsync(Tenant.Default, Legion.Format.Batch.Read(batch), default)).GetAwaiter().GetResult();
            return (CatalogBytes(folder) - empty) / (double)lake.Catalog.ReadTotalsAsync(Tenant.Default, default).GetAwaiter().GetResult().Blocks;
        }
        finally
        {
            SqliteConnection.ClearAllPools();
            folder.Delete(recursive: true);
        }
    }

    static long CatalogBytes(DirectoryInfo folder)
    {
        var file = Path.Combine(folder.FullName, StoreNames.CatalogFile);
        using var connection = new SqliteConnection($"Data Source={file}");
        connection.Open();
        using var checkpoint = connection.CreateCommand();
        checkpoint.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        checkpoint.ExecuteNonQuery();
        return new FileInfo(file).Length;
    }
}
