namespace Legion.Sdk;

/// <summary>Marks the threads on which the recording does its own work, such as its uploads: nothing of it is to be recorded.</summary>
static class OwnWork
{
    [ThreadStatic]
    static bool isOwn;

    /// <summary>True on a thread of the recording's own.</summary>
    public static bool IsCurrent => isOwn;

    /// <summary>Marks the calling thread.</summary>
    public static void Begin() => isOwn = true;

    /// <summary>Gives the calling thread, which is the program's, back to it.</summary>
    public static void End() => isOwn = false;
}
