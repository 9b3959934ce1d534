namespace Legion.Ingestion;

/// <summary>
/// Something of which there is so much in all. A tenant gets more of it as long as it has no more than it leaves free for others:
/// alone it may have about half, several have about equal parts, and there is always something left for one that comes anew.
/// Not for several threads at once.
/// </summary>
sealed class SharedRoom(long limit)
{
    public long Taken { get; private set; }

    /// <param name="own">What the tenant has.</param>
    public bool Has(long own, long amount) => own <= limit - Taken - amount;

    public bool TryTake(ref long own, long amount)
    {
        if (!Has(own, amount)) return false;
        Taken += amount;
        own += amount;
        return true;
    }

    public void Return(ref long own, long amount)
    {
        Taken -= amount;
        own -= amount;
    }
}
