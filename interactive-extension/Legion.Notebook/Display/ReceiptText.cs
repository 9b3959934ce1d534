using System.Globalization;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;

namespace Legion.Notebook;

/// <summary>What an answer cost and rests on, in one line.</summary>
static class ReceiptText
{
    public static string Of(Receipt receipt) => Of(receipt, receipt.Rows);

    /// <param name="rows">Those that are shown, where one more was read to know whether there is one.</param>
    public static string Of(Receipt receipt, long rows) => $"{Count(rows, "row")}; {OfCost(receipt)}";

    /// <param name="level">The level of detail of a flame chart; null for rows.</param>
    public static string OfCost(Receipt receipt, int? level = null)
    {
        var built = receipt.Build.Built > 0 ? $" ({Count(receipt.Build.Built, "partition")})" : "";
        var text = $"{Bytes(receipt.PartitionBytes)} read; plan {Time(receipt.Plan)}, build {Time(receipt.Building)}{built}, scan {Time(receipt.Scan)}";
        if (level is not null)
            text += $"; level {level}";
        if (receipt.NewestNs is { } newest)
            text += $"; newest data {TimeText.Format(newest / 1_000_000_000 * 1_000_000_000)}";
        return receipt.LostEvents > 0 ? $"{text}; {Count(receipt.LostEvents, "event")} lost" : text;
    }

    static string Count(long count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {what}{(count == 1 ? "" : "s")}");

    public static string Bytes(long bytes) => bytes switch
    {
        < 10_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes:N0} bytes"),
        < 10_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:N0} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:N0} MB"),
    };

    static string Time(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:N0} ms");
}
