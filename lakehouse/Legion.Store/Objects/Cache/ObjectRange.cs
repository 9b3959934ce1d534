namespace Legion.Store;

/// <summary>Bytes of an object, <paramref name="End"/> exclusive.</summary>
public readonly record struct ObjectRange(long Begin, long End)
{
    public long Bytes => End - Begin;
}
