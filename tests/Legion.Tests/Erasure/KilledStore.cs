using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Erasure;

/// <summary>A store whose program is killed before or after one of the calls that change something: from then on nothing works any more.</summary>
sealed class KilledStore
{
    readonly int deadlyCall;
    int calls;
    bool isDead;

    /// <param name="deadlyCall">Counted from 1; where it is odd, the call itself is not made.</param>
    public KilledStore(LakeStore real, int deadlyCall)
    {
        this.deadlyCall = deadlyCall;
        Store = new LakeStore(real.Location, new ObjectHooks(real.Objects, AroundAsync), CatalogHooks.Around(real.Catalog, AroundAsync));
    }

    public LakeStore Store { get; }

    async Task AroundAsync(string method, Func<Task> call)
    {
        ThrowIfDead();
        var changes = !method.StartsWith("Read", StringComparison.Ordinal) && !method.StartsWith("Find", StringComparison.Ordinal);
        isDead = changes && ++calls == deadlyCall;
        if (!isDead || deadlyCall % 2 == 0) await call();
        ThrowIfDead();
    }

    void ThrowIfDead()
    {
        if (isDead) throw new StoreUnavailableException($"the program was killed at its change {deadlyCall}");
    }
}
