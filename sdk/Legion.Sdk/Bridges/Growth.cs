namespace Legion.Sdk;

/// <summary>A number that only grows, recorded as what it grew by since the last poll; nothing where it did not.</summary>
sealed class Growth(string name, Unit unit, long start)
{
    readonly MetricSite site = new(name, "runtime", "", 0, unit);
    long last = start;

    public void Record(long total)
    {
        // Some totals are estimates that fall a little before they rise again: what was counted once is not counted anew.
        if (total <= last) return;
        Telemetry.Count(site, total - last);
        last = total;
    }
}
