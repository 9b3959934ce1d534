using Legion.Lakehouse;

namespace Legion.Tests.Lakehouse;

/// <summary>Rows are written in order of time, whatever times they have.</summary>
public sealed class RowOrderTests
{
    [Theory]
    [InlineData(1, 3)]
    [InlineData(5000, 0)]
    [InlineData(5000, 4)]
    [InlineData(5000, 36)]
    [InlineData(5000, 51)] // with the row's number a whole word
    [InlineData(5000, 52)]
    [InlineData(5000, 63)]
    [InlineData(4096, 64)]
    public void RowsOfEqualTimeKeepTheirOrder(int count, int timeBits)
    {
        var random = new Random(count + timeBits);
        using var rows = new RowBuffer(Views.Measures, Views.Measures.Stored);
        var times = new long[count];
        for (var i = 0; i < count; i++)
        {
            times[i] = timeBits switch
            {
                64 => random.NextInt64(long.MinValue, long.MaxValue),
                63 => random.NextInt64(),
                _ => 1_767_225_600_000_000_000 + random.NextInt64(1L << timeBits),
            };
            rows.Text("process_id").Add("process");
            rows.Get<long>("time_ns").Add(times[i]);
        }
        Assert.Equal(Enumerable.Range(0, count).OrderBy(row => times[row]), RowOrder.Of(rows, 1000));
    }
}
