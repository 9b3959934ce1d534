using System.Globalization;
using Legion.Lakehouse.Sql;
using Legion.Notebook;
using Legion.Tests.Support;
using Microsoft.Data.Analysis;

namespace Legion.Tests.Notebook;

/// <summary>Each type of SQL as a column of a DataFrame.</summary>
public sealed class ArrowFrameTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // An expression of SQL, the column's type in C#, and its value as text.
    [Theory]
    [InlineData("true", typeof(bool), "True")]
    [InlineData("(-128)::TINYINT", typeof(sbyte), "-128")]
    [InlineData("255::UTINYINT", typeof(byte), "255")]
    [InlineData("(-32768)::SMALLINT", typeof(short), "-32768")]
    [InlineData("65535::USMALLINT", typeof(ushort), "65535")]
    [InlineData("(-2147483648)::INTEGER", typeof(int), "-2147483648")]
    [InlineData("4294967295::UINTEGER", typeof(uint), "4294967295")]
    [InlineData("9223372036854775807", typeof(long), "9223372036854775807")]
    [InlineData("18446744073709551615::UBIGINT", typeof(ulong), "18446744073709551615")]
    [InlineData("1.5::FLOAT", typeof(float), "1.5")]
    [InlineData("'nan'::DOUBLE", typeof(double), "NaN")]
    [InlineData("0.1::DOUBLE", typeof(double), "0.1")]
    [InlineData("sum(9223372036854775807::HUGEINT - 1)", typeof(long), "9223372036854775806")]
    [InlineData("(-9223372036854775808)::HUGEINT", typeof(long), "-9223372036854775808")]
    [InlineData("9223372036854775808::HUGEINT", typeof(decimal), "9223372036854775808")]
    [InlineData("-79228162514264337593543950335::HUGEINT", typeof(decimal), "-79228162514264337593543950335")]
    [InlineData("79228162514264337593543950336::HUGEINT", typeof(double), "7.922816251426434E+28")]
    [InlineData("12.345::DECIMAL(9,3)", typeof(decimal), "12.345")]
    [InlineData("(-0.05)::DECIMAL(4,2)", typeof(decimal), "-0.05")]
    [InlineData("7::DECIMAL(18,0)", typeof(long), "7")]
    [InlineData("0.25::DECIMAL(38,37)", typeof(double), "0.25")]
    [InlineData("'é<b>'", typeof(string), "é<b>")]
    [InlineData("''", typeof(string), "")]
    [InlineData("'6f0f6f4e-3c0e-7000-8000-000000000001'::UUID", typeof(string), "6f0f6f4e-3c0e-7000-8000-000000000001")]
    [InlineData("'ab\\x00\\xFF'::BLOB", typeof(string), "616200ff")]
    [InlineData("TIMESTAMP '2026-01-31 12:00:00.123456'", typeof(DateTime), "2026-01-31T12:00:00.1234560")]
    [InlineData("make_timestamp_ns(1769860800123456789)", typeof(DateTime), "2026-01-31T12:00:00.1234567")]
    [InlineData("make_timestamp_ns(-1)", typeof(DateTime), "1969-12-31T23:59:59.9999999")]
    [InlineData("'2026-01-31 12:00:00'::TIMESTAMP_S", typeof(DateTime), "2026-01-31T12:00:00.0000000")]
    [InlineData("'2026-01-31 12:00:00.5'::TIMESTAMP_MS", typeof(DateTime), "2026-01-31T12:00:00.5000000")]
    [InlineData("DATE '2026-01-31'", typeof(DateTime), "2026-01-31T00:00:00.0000000")]
    [InlineData("TIME '12:34:56.5'", typeof(string), "12:34:56.5000000")]
    [InlineData("INTERVAL '3 days 2 hours'", typeof(string), "0 months 3 days 02:00:00")]
    [InlineData("[1, NULL, 3]", typeof(string), "[1,null,3]")]
    [InlineData("[[1], []]", typeof(string), "[[1],[]]")]
    [InlineData("array_value(1.5::DOUBLE, 2.5)", typeof(string), "[1.5,2.5]")]
    [InlineData("{'a': 1, 'b<': ['x\"', NULL], 'c': 'nan'::DOUBLE, 'd': true}", typeof(string), "{\"a\":1,\"b<\":[\"x\\\"\",null],\"c\":\"NaN\",\"d\":true}")]
    [InlineData("MAP {'k': 9223372036854775807}", typeof(string), "{\"k\":9223372036854775807}")]
    [InlineData("{'t': TIMESTAMP '2026-01-31 12:00:00', 'h': 170141183460469231731687303715884105727::HUGEINT}", typeof(string), "{\"t\":\"2026-01-31T12:00:00Z\",\"h\":170141183460469231731687303715884105727}")]
    [InlineData("'low'::ENUM('low', 'high')", typeof(string), "low")]
    public async Task Types(string expression, Type type, string value)
    {
        using var lake = new TestLake();
        var one = await ColumnAsync(lake, $"SELECT {expression} AS x");
        Assert.Equal((type, value, 0), (one.DataType, Text(one[0]), one.NullCount));

        var withNull = await ColumnAsync(lake, $"SELECT {expression} AS x UNION ALL SELECT NULL ORDER BY x NULLS LAST");
        Assert.Equal((type, value, 1), (withNull.DataType, Text(withNull[0]), withNull.NullCount));
        Assert.Null(withNull[1]);

        var none = await ColumnAsync(lake, $"SELECT x FROM (SELECT {expression} AS x) WHERE false");
        Assert.Equal(("x", 0), (none.Name, none.Length));
        // What a wide number becomes is known when its values are.
        if (!(type == typeof(decimal) || type == typeof(double)))
            Assert.Equal(type, none.DataType);
    }

    static async Task<DataFrameColumn> ColumnAsync(TestLake lake, string sql) =>
        Assert.Single((await new NotebookLake(lake.Lake).SqlAsync(sql, cancel: Cancel)).Frame.Columns);

    static string? Text(object? value) =>
        value is DateTime time ? time.ToString("yyyy-MM-ddTHH:mm:ss.fffffff", CultureInfo.InvariantCulture) : Convert.ToString(value, CultureInfo.InvariantCulture);

    [Fact]
    public async Task NanosecondsStayExactOverManyBatches()
    {
        using var lake = new TestLake();
        const long Rows = 300_000;
        var frame = (await new NotebookLake(lake.Lake).SqlAsync($"SELECT 1769860800123456789 + i AS time_ns, CASE WHEN i % 2 = 0 THEN i::VARCHAR END AS t FROM range({Rows}) AS r(i) ORDER BY i", cancel: Cancel)).Frame;
        Assert.Equal(Rows, frame.Rows.Count);
        var times = frame.Columns.GetInt64Column("time_ns");
        Assert.Equal((1769860800123456789, 1769860800123456789 + Rows - 1), (times[0], times[Rows - 1]));
        Assert.Equal("299998", frame.Columns["t"][299998]);
        Assert.Equal(Rows / 2, frame.Columns["t"].NullCount);
    }

    [Theory]
    [InlineData("i % 3 = 0")]
    [InlineData("i > 250000")] // the first batches have none
    [InlineData("i < 100000")]
    public async Task NullsStayWhereTheyAreOverBatchesOfAnyLength(string isNull)
    {
        using var lake = new TestLake();
        // What the filter leaves of a batch has a length of its own.
        var frame = (await new NotebookLake(lake.Lake).SqlAsync(
            $"SELECT i, CASE WHEN NOT ({isNull}) THEN i::INTEGER END AS n, {isNull} AS is_null FROM range(300000) AS r(i) WHERE hash(i) % 7 < 3 OR i % 1000 = 1 ORDER BY i", cancel: Cancel)).Frame;
        var (numbers, values, nulls) = (frame.Columns.GetInt64Column("i"), frame.Columns.GetInt32Column("n"), (BooleanDataFrameColumn)frame.Columns["is_null"]);
        for (var row = 0L; row < frame.Rows.Count; row++)
            if (values[row] != (nulls[row]!.Value ? null : (int?)numbers[row])) Assert.Fail($"row {row}: expected {numbers[row]}, null {nulls[row]}, saw {values[row]}");
        Assert.Equal(nulls.Count(isNullHere => isNullHere == true), values.NullCount);
        values[0] = 5; // a frame is the user's to change
        Assert.Equal(5, values[0]);
    }

    [Fact]
    public async Task ColumnsOfOneNameAreToldApart()
    {
        using var lake = new TestLake();
        var frame = (await new NotebookLake(lake.Lake).SqlAsync("SELECT 1 AS a, 2 AS a, 3 AS a_2", cancel: Cancel)).Frame;
        Assert.Equal(["a", "a_2", "a_2_2"], frame.Columns.Select(column => column.Name));
    }

    [Fact]
    public async Task TheReceiptCountsRows()
    {
        using var lake = new TestLake();
        var answer = await new NotebookLake(lake.Lake).SqlAsync("SELECT * FROM range(5)", new QueryOptions(), cancel: Cancel);
        Assert.Equal(5, answer.Receipt.Rows);
        Assert.Contains("\n5 rows, 1 columns; 0 bytes read; plan ", answer.ToString());
    }
}
