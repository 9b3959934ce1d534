using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Legion.Sdk;

/// <summary>Records each activity of the chosen sources as an async span: its begin and its end when and where they happen, what it carries at the end.</summary>
sealed class ActivityBridge : IDisposable
{
    const int CacheSize = 512;

    /// <summary>Operations beyond these have names made at run time: they are then kept with each span and not declared.</summary>
    const int MostOperations = 4096;

    static int running;

    readonly NamePatterns sources;
    readonly OpenActivities open = new();
    readonly Operation?[] cache = new Operation?[CacheSize];
    readonly ConcurrentDictionary<(string Source, string Name), Operation> operations = new();
    readonly ActivityListener listener;
    int operationCount;

    public ActivityBridge(NamePatterns sources)
    {
        this.sources = sources;
        listener = new ActivityListener
        {
            ShouldListenTo = source => this.sources.Match(source.Name),
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            SampleUsingParentId = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = Begin,
            ActivityStopped = End,
        };
        Interlocked.Increment(ref running);
        ActivitySource.AddActivityListener(listener);
    }

    /// <summary>The activity that the calling code runs in; none while no activities are recorded.</summary>
    public static AsyncSpanId Current => Volatile.Read(ref running) == 0 ? AsyncSpanId.None : ActivityIds.Of(Activity.Current);

    public void Dispose()
    {
        listener.Dispose();
        Interlocked.Decrement(ref running);
    }

    void Begin(Activity activity)
    {
        if (ThreadContext.Current is not { } context || OwnWork.IsCurrent) return;
        var operation = Find(activity.Source.Name, activity.OperationName);
        var id = ActivityIds.OfBegun(activity, context);
        var parent = ActivityIds.OfParent(activity, id.TraceId);
        // The root of a trace may lie in a span of the program's own.
        if (parent.Id == 0) parent = AmbientSpan.Own;
        var span = Telemetry.BeginAsync(operation.Declaration, activity.OperationName, parent, id, []);
        if (!span.Id.IsNone) open.Add(span);
    }

    void End(Activity activity)
    {
        if (!open.TryRemove(ActivityIds.NumberOf(activity), out var span)) return;
        var name = activity.DisplayName;
        var arguments = new GatheredProperties();
        ActivityArguments.Gather(activity, ref arguments);
        span.End(name == activity.OperationName ? "" : name, arguments.All);
        arguments.Return();
    }

    /// <summary>The declaration of an operation, by the references of its names, which are literals as a rule.</summary>
    Operation Find(string source, string name)
    {
        ref var place = ref cache[(Unsafe.As<string, nint>(ref name) >> 3) & CacheSize - 1];
        if (place is { } known && ReferenceEquals(known.Name, name) && ReferenceEquals(known.Source, source)) return known;
        if (!operations.TryGetValue((source, name), out var operation))
        {
            var isDeclared = Interlocked.Increment(ref operationCount) <= MostOperations;
            operation = new Operation(source, name, DeclarationTable.FindSite(isDeclared ? name : "", source, "", 0));
            if (!isDeclared) return operation;
            operations.TryAdd((source, name), operation);
        }
        // The very strings of this call, for the next to find.
        return place = ReferenceEquals(operation.Name, name) && ReferenceEquals(operation.Source, source) ? operation : new Operation(source, name, operation.Declaration);
    }

    sealed record Operation(string Source, string Name, Declaration Declaration);
}
