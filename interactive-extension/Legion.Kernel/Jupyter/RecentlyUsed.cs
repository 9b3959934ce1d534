namespace Legion.Kernel.Jupyter;

/// <summary>Values by key, of which those that were used longest ago go when there are too many. Safe for use from several threads.</summary>
sealed class RecentlyUsed<T>(int most) where T : class
{
    readonly Lock _lock = new();
    readonly Dictionary<string, LinkedListNode<(string Key, T Value)>> _nodes = [];
    readonly LinkedList<(string Key, T Value)> _order = [];

    /// <summary>From the one that was used longest ago.</summary>
    public IReadOnlyList<(string Key, T Value)> All
    {
        get
        {
            lock (_lock)
                return [.. _order];
        }
    }

    /// <summary>Null where there is none any more.</summary>
    public T? Find(string key)
    {
        lock (_lock)
        {
            if (!_nodes.TryGetValue(key, out var node))
                return null;
            _order.Remove(node);
            _order.AddLast(node);
            return node.Value.Value;
        }
    }

    /// <returns>What had to go for it, or was there under the key.</returns>
    public T? Put(string key, T value)
    {
        lock (_lock)
        {
            var before = Take(key);
            _nodes[key] = _order.AddLast((key, value));
            return before ?? (_order.Count > most ? Take(_order.First!.Value.Key) : null);
        }
    }

    public T? Remove(string key)
    {
        lock (_lock)
            return Take(key);
    }

    T? Take(string key)
    {
        if (!_nodes.Remove(key, out var node))
            return null;
        _order.Remove(node);
        return node.Value.Value;
    }
}
