namespace Legion.Benchmarks.Cost;

/// <summary>
/// Dollars by Amazon's public price lists of us-east-1, on demand, without discounts, free tiers or taxes
/// (aws.amazon.com: S3, Aurora, Fargate and Elastic Load Balancing pricing).
/// </summary>
static class Prices
{
    /// <summary>S3 Standard: a thousand PUT requests. DELETE and data from the internet cost nothing.</summary>
    public const double Puts = 0.005;

    /// <summary>S3 Standard, a GB and month: the first 50 TB, the next 450 TB, and beyond.</summary>
    public static double Storage(double gigabytes) =>
        0.023 * Math.Min(gigabytes, 50_000) + 0.022 * Math.Clamp(gigabytes - 50_000, 0, 450_000) + 0.021 * Math.Max(gigabytes - 500_000, 0);

    /// <summary>Aurora Serverless v2 with I/O included: a capacity unit (2 GiB and its processor) an hour; a GB and month.</summary>
    public const double CapacityUnitHour = 0.156, CatalogGigabyteMonth = 0.225;

    /// <summary>
    /// Rows that a capacity unit writes a second. Amazon published 100,000 writes a second for an instance of 244 GiB (122 units): 820 each.
    /// Ours are inserts of many rows a statement, but into three indexes; half of it.
    /// </summary>
    public const double RowsPerCapacityUnit = 400;

    /// <summary>Fargate: a virtual processor with 2 GB an hour.</summary>
    public const double ProcessorHour = 0.04048 + 2 * 0.004445;

    /// <summary>A load balancer, and one of its capacity units (a GB an hour), an hour.</summary>
    public const double BalancerHour = 0.0225, BalancerGigabyte = 0.008;
}
