namespace Legion.Benchmarks.Cost;

/// <summary>What a number of processes a day costs a month, when raw blocks and their rows are kept for thirty days.</summary>
/// <param name="Day">What all of them leave behind in a day.</param>
/// <param name="RowBytes">Bytes of a block's row in the catalog, indexes included.</param>
/// <param name="BatchesPerProcessor">Batches that one processor of ingestion takes a second.</param>
sealed record Bill(Traffic Day, double RowBytes, double BatchesPerProcessor)
{
    const double Days = 30, Hours = 24 * Days, Gigabyte = 1e9;

    /// <summary>The busiest hour holds so many times the mean. Machines are paid for the hour they are needed in; half of the difference on average.</summary>
    const double Peak = 3, Provision = (1 + Peak) / 2;

    /// <summary>What runs even when nothing comes: two nodes of half a processor, half a capacity unit.</summary>
    const double LeastProcessors = 1, LeastCapacityUnits = 0.5;

    public double Puts => Day.Objects * Days / 1000 * Prices.Puts;

    public double Storage => Prices.Storage(Day.Bytes * Days / Gigabyte);

    /// <summary>An upload also raises its process's version and writes a row for each object.</summary>
    public double Catalog =>
        Math.Max(LeastCapacityUnits, (Day.Blocks + Day.Objects + Day.Batches) / 86_400 / Prices.RowsPerCapacityUnit * Provision) * Prices.CapacityUnitHour * Hours
        + (Day.Blocks + Day.Objects) * RowBytes * Days / Gigabyte * Prices.CatalogGigabyteMonth;

    public double Ingestion =>
        Math.Max(LeastProcessors, Day.Batches / 86_400 / BatchesPerProcessor * Provision) * Prices.ProcessorHour * Hours
        + Prices.BalancerHour * Hours + Day.Bytes * Days / Gigabyte * Prices.BalancerGigabyte;

    public double Dollars => Puts + Storage + Catalog + Ingestion;
}
