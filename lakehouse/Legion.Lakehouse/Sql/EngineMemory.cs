using System.Runtime.InteropServices;
using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace Legion.Lakehouse.Sql;

/// <summary>How much memory an engine took for a query, as its own profile says; that is read through its C interface, as there is no SQL for it.</summary>
static partial class EngineMemory
{
    /// <summary>SQL that has the engine count it, and nothing else that a profile has.</summary>
    public const string Count = """PRAGMA enable_profiling = 'no_output'; SET custom_profiling_settings = '{"SYSTEM_PEAK_BUFFER_MEMORY": "true"}';""";

    /// <summary>Most bytes that the last query of a connection took at once; 0 where it did not come to an end.</summary>
    public static long PeakOf(DuckDBConnection connection)
    {
        var profile = duckdb_get_profiling_info(connection.NativeConnection);
        if (profile == 0) return 0;
        var value = duckdb_profiling_info_get_value(profile, "SYSTEM_PEAK_BUFFER_MEMORY");
        if (value == 0) return 0;
        var bytes = (long)duckdb_get_uint64(value);
        duckdb_destroy_value(ref value);
        return bytes;
    }

    /// <returns>Owned by the connection; 0 for none.</returns>
    [LibraryImport("duckdb")]
    private static partial nint duckdb_get_profiling_info(DuckDBNativeConnection connection);

    [LibraryImport("duckdb", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint duckdb_profiling_info_get_value(nint profile, string key);

    [LibraryImport("duckdb")]
    private static partial ulong duckdb_get_uint64(nint value);

    [LibraryImport("duckdb")]
    private static partial void duckdb_destroy_value(ref nint value);
}
