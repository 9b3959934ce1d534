using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Properties of one record, gathered before it is written, as the program's own code may run while its values become texts.
/// The array is the thread's and is used again; a record within a record takes another.
/// </summary>
ref struct GatheredProperties
{
    [ThreadStatic]
    static Property[]? spare;

    Property[] properties;
    int count;

    public GatheredProperties()
    {
        properties = spare ?? new Property[16];
        spare = null;
    }

    public readonly ReadOnlySpan<Property> All => properties.AsSpan(0, count);

    /// <summary>Adds a property; one without a name is none.</summary>
    public void Add(string? key, Value value)
    {
        if (string.IsNullOrEmpty(key)) return;
        if (count == properties.Length) Array.Resize(ref properties, 2 * count);
        properties[count++] = new Property(key, value);
    }

    public void Add(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var (key, value) in tags) Add(key, HostValue.Of(value));
    }

    /// <summary>Gives the array back.</summary>
    public readonly void Return()
    {
        // What the values refer to is not to live on with the thread.
        Array.Clear(properties, 0, count);
        spare = properties;
    }
}
