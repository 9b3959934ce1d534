namespace Legion.Store;

/// <summary>What may be a key of an object: the same in every store, so that a lake may move from one to another.</summary>
static class ObjectKey
{
    public static bool IsOne(string key) => key.Length > 0 && !key.Split('/').Any(part => part is "" or "." or "..");

    /// <exception cref="ArgumentException">The key would leave the store's folder or prefix.</exception>
    public static void Check(string key)
    {
        if (!IsOne(key)) throw new ArgumentException($"cannot use '{key}' as an object key: expected names separated by single slashes", nameof(key));
    }
}
