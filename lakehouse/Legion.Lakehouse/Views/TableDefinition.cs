using System.Text;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>
/// Defines a view for engines that read files of a lake by themselves: an external table over what <see cref="PublishedManifests"/> name, in the DDL of Hive, which Athena and Spark run
/// and Trino reads from the metastore they share; and on it a view with the columns that SQL shows here. The statements differ in nothing but their comment and the call that finds new days.
/// </summary>
public sealed class TableDefinition(View view, LakeLocation location, Tenant tenant)
{
    public const string Athena = "athena", Trino = "trino", Spark = "spark";

    /// <summary>Names of the directories of partitions, which are not columns of the table's files for such engines.</summary>
    static readonly string[] Partitioned = ["date", "process_id"];

    string Table => view.Name + "_files";

    /// <summary>The statements, each with a semicolon.</summary>
    public string Of(string engine)
    {
        var ddl = new StringBuilder();
        if (engine == Trino) ddl.Append("-- Run the first statement where the metastore is filled from, such as Hive, Spark or Athena: Trino reads such tables and makes none.\n");
        ddl.Append($"""
            CREATE EXTERNAL TABLE {Table} (
              {string.Join(",\n  ", Stored.Select(column => $"`{column.Name}` {TypeOf(column)}"))}
            )
            PARTITIONED BY (`date` string, `process_id` string)
            ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
            STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat'
            OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
            LOCATION '{location.UriOf(StoreNames.ManifestsPrefix(view.Name, view.SchemaVersion, tenant))}';
            -- Again whenever there are new processes or days:
            {(engine == Trino ? $"CALL system.sync_partition_metadata(CURRENT_SCHEMA, '{Table}', 'FULL');" : $"MSCK REPAIR TABLE {Table};")}
            CREATE VIEW {view.Name} AS
            {Select(Table)};

            """);
        return ddl.ToString();
    }

    /// <summary>The query that shows the view's columns over its files.</summary>
    public string Select(string table)
    {
        var columns = string.Join(", ", view.Columns.Select(column => column.Computed is { } computed ? $"{computed} AS {column.Name}" : $"{column.Name}"));
        // As the view itself does it: the row with an end takes the place of the one without, wherever the two are stored.
        return view.EndedBy is not { } key ? $"SELECT {columns} FROM {table}"
            : $"SELECT {columns} FROM {table} AS own WHERE end_ns IS NOT NULL OR NOT EXISTS (SELECT 1 FROM {table} AS ended WHERE ended.end_ns IS NOT NULL AND ended.process_id = own.process_id AND ended.{key} = own.{key})";
    }

    IEnumerable<Column> Stored => view.Stored.Where(column => !Partitioned.Contains(column.Name));

    /// <summary>Hive has no unsigned numbers: ids of 64 bits are the signed ones of the same bits.</summary>
    static string TypeOf(Column column) => column.Type switch
    {
        ColumnType.Text => "string",
        ColumnType.Int32 => "int",
        ColumnType.Int64 or ColumnType.UInt64 => "bigint",
        ColumnType.Float64 => "double",
        ColumnType.Boolean => "boolean",
        _ => "binary",
    };
}
