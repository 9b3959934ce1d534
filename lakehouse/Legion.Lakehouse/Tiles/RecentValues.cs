namespace Legion.Lakehouse.Tiles;

/// <summary>The values used last, up to a total weight. Safe for use from several threads.</summary>
sealed class RecentValues<TKey, TValue>(long capacity, Func<TValue, long> weigh) where TKey : notnull
{
    readonly Lock gate = new();
    readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value)>> byKey = [];
    readonly LinkedList<(TKey Key, TValue Value)> newestFirst = [];
    long weight;

    public bool TryGet(TKey key, out TValue value)
    {
        lock (gate)
        {
            if (!byKey.TryGetValue(key, out var node))
            {
                value = default!;
                return false;
            }
            newestFirst.Remove(node);
            newestFirst.AddFirst(node);
            value = node.Value.Value;
            return true;
        }
    }

    public void Put(TKey key, TValue value)
    {
        lock (gate)
        {
            if (byKey.TryGetValue(key, out var old)) Remove(old);
            byKey[key] = newestFirst.AddFirst((key, value));
            weight += weigh(value);
            while (weight > capacity && newestFirst.Last is { } last) Remove(last);
        }
    }

    public void Remove(TKey key)
    {
        lock (gate)
            if (byKey.TryGetValue(key, out var node)) Remove(node);
    }

    void Remove(LinkedListNode<(TKey Key, TValue Value)> node)
    {
        newestFirst.Remove(node);
        byKey.Remove(node.Value.Key);
        weight -= weigh(node.Value.Value);
    }
}
