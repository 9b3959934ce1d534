using Legion.Sdk;

namespace Legion.Benchmarks.Peers;

/// <summary>A library that records the same as ours.</summary>
/// <param name="Aim">Whether ours is to be cheaper than this by at least a factor, or dearer by at most one.</param>
abstract class Peer(string name, Aim aim, double target) : IDisposable
{
    /// <summary>How long a peer may take to let go of what it took; one that takes longer hangs.</summary>
    protected static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(60);

    public string Name => name;
    public Aim Aim => aim;
    public double Target => target;

    /// <summary>Records so many spans or logs.</summary>
    public abstract void Call(int calls);

    /// <summary>Waits until all that was recorded is where it goes, so that no peer's background work falls into another's time.</summary>
    public virtual void Drain()
    {
    }

    public virtual void Dispose()
    {
    }
}
