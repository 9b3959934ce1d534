using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Item = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Legion.Sdk.Hosting;

/// <summary>Reads the items of logs' states. Most states are structs: through the interface, each access to one would make a box of it.</summary>
abstract class StateItems<TState>
{
    /// <summary>Null for states that have no items.</summary>
    public static StateItems<TState>? Reader { get; } = Make();

    public abstract int Count(ref TState state);

    public abstract Item At(ref TState state, int place);

    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Not reached where code cannot be made.")]
    [UnconditionalSuppressMessage("Trimming", "IL2055", Justification = "The type demands nothing of its argument but the interface, which is there.")]
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Its constructor is kept by the field below.")]
    static StateItems<TState>? Make()
    {
        if (!typeof(IReadOnlyList<Item>).IsAssignableFrom(typeof(TState))) return null;
        if (!RuntimeFeature.IsDynamicCodeSupported) return new Boxed();
        return (StateItems<TState>)Activator.CreateInstance(typeof(ListItems<>).MakeGenericType(typeof(TState)))!;
    }

    /// <summary>Where no code can be made at run time.</summary>
    sealed class Boxed : StateItems<TState>
    {
        public override int Count(ref TState state) => ((IReadOnlyList<Item>)state!).Count;

        public override Item At(ref TState state, int place) => ((IReadOnlyList<Item>)state!)[place];
    }
}

/// <summary>Calls the state's own members.</summary>
sealed class ListItems<TState> : StateItems<TState> where TState : IReadOnlyList<Item>
{
    public override int Count(ref TState state) => state.Count;

    public override Item At(ref TState state, int place) => state[place];
}
