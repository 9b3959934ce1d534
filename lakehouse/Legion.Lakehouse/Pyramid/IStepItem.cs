namespace Legion.Lakehouse;

/// <summary>Samples of one key that lie in one step of a level, summed up; or a single one. With it the views that its pyramid is stored in.</summary>
interface IStepItem<TItem> where TItem : struct, IStepItem<TItem>
{
    /// <summary>The view of what is summed up.</summary>
    static abstract View Samples { get; }

    /// <summary>The view of the pyramid's lowest level of a slot.</summary>
    static abstract View Levels { get; }

    /// <summary>The view of what merges the levels of several slots.</summary>
    static abstract View Tops { get; }

    /// <summary>What is summed up by itself.</summary>
    string Key { get; }

    /// <summary>Time of the earliest sample, nanoseconds UTC: all others lie in the same step.</summary>
    long FirstNs { get; }

    /// <summary>Time of the latest sample, nanoseconds UTC.</summary>
    long LastNs { get; }

    /// <summary>Both together.</summary>
    TItem With(in TItem other);

    /// <summary>Adds the samples in a buffer of <see cref="Samples"/>.</summary>
    static abstract void Take(RowBuffer samples, StepLevel<TItem> level);

    /// <summary>Appends items to a buffer of <see cref="Levels"/> or <see cref="Tops"/>.</summary>
    static abstract void Write(RowBuffer rows, IReadOnlyCollection<TItem> items);

    /// <summary>Adds the items in a file of <see cref="Levels"/> or <see cref="Tops"/>.</summary>
    static abstract Task ReadAsync(string file, Action<TItem> take, CancellationToken cancellation);
}
