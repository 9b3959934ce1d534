namespace Legion.Lakehouse;

/// <summary>Files of partitions that queries of this process read now, so that none is deleted under a reader.</summary>
sealed class FileLeases
{
    readonly Lock gate = new();
    readonly Dictionary<string, int> readers = [];

    /// <summary>Holds the files until the returned action is called, once.</summary>
    public Action Hold(IReadOnlyList<string> files)
    {
        lock (gate)
            foreach (var file in files) readers[file] = readers.GetValueOrDefault(file) + 1;
        var held = true;
        return () =>
        {
            lock (gate)
            {
                if (!held) return;
                held = false;
                foreach (var file in files)
                    if (--readers[file] == 0) readers.Remove(file);
            }
        };
    }

    public bool IsHeld(string file)
    {
        lock (gate) return readers.ContainsKey(file);
    }
}
