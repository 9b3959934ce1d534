namespace Legion.Sdk;

/// <summary>A number that only grows, recorded as what it grew by since the last poll; nothing where it did not.</summary>
sealed class Growth(string name, Unit unit, long start)
{
    readonly MetricSite site = new(name, "runtime", "", 0, unit);
    long last = start;

    public void Record(long total)
    {
        if (total > last) Telemetry.Count(site, total - last);
        last = total;
    }
}
