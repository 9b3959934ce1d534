using Legion.Format;

namespace Legion.Sdk;

/// <summary>Names an async span, so that others can be its children.</summary>
/// <param name="Id">Unique in the process; 0 for none.</param>
/// <param name="TraceId">W3C trace id; 0 for none.</param>
public readonly record struct AsyncSpanId(ulong Id, UInt128 TraceId = default)
{
    public static AsyncSpanId None => default;

    public bool IsNone => Id == 0;
}

/// <summary>What begin and end of an async span both say.</summary>
readonly record struct AsyncSpanRecord
{
    public ulong Id { get; init; }
    public ulong Parent { get; init; }
    public UInt128 TraceId { get; init; }
    public ulong BeginTick { get; init; }
    public Guid BeginStream { get; init; }

    /// <summary>Empty: the site's counts.</summary>
    public string Name { get; init; }
}

/// <summary>An open async span; disposing it, on whatever thread, ends it. To be disposed once.</summary>
public readonly struct AsyncSpanScope : IDisposable, IAsyncDisposable
{
    readonly uint site;
    readonly AsyncSpanRecord record;
    readonly Property[]? arguments;
    readonly AmbientSpan? ambient;

    internal AsyncSpanScope(uint site, in AsyncSpanRecord record, ReadOnlySpan<Property> arguments)
        : this(site, record, arguments.IsEmpty ? null : arguments.ToArray(), null)
    {
    }

    AsyncSpanScope(uint site, in AsyncSpanRecord record, Property[]? arguments, AmbientSpan? ambient)
    {
        this.site = site;
        this.record = record;
        this.arguments = arguments;
        this.ambient = ambient;
    }

    /// <summary>For spans begun within it; none where nothing is recorded.</summary>
    public AsyncSpanId Id => new(record.Id, record.TraceId);

    internal ulong BeginTick => record.BeginTick;

    /// <summary>Ends the span with further arguments: results that its begin did not know.</summary>
    public void End(ReadOnlySpan<Property> results)
    {
        if (record.Id == 0) return;
        ambient?.Leave();
        Telemetry.EndAsync(site, record, arguments is null ? results : [.. arguments, .. results]);
    }

    /// <summary>Ends the span, by a name that its begin did not know.</summary>
    /// <param name="name">Empty: that of its begin.</param>
    internal void End(string name, ReadOnlySpan<Property> results) =>
        Telemetry.EndAsync(site, name.Length == 0 ? record : record with { Name = name }, results);

    public void Dispose() => End([]);

    public ValueTask DisposeAsync()
    {
        End([]);
        return ValueTask.CompletedTask;
    }

    /// <summary>The same span as the one that what follows runs in.</summary>
    internal AsyncSpanScope Enter() => new(site, record, arguments, AmbientSpan.Enter(Id));
}

/// <summary>The async span that code runs in, across awaits.</summary>
sealed class AmbientSpan
{
    static readonly AsyncLocal<AmbientSpan?> current = new();

    readonly AsyncSpanId id;
    readonly AmbientSpan? outer;

    AmbientSpan(AsyncSpanId id, AmbientSpan? outer)
    {
        this.id = id;
        this.outer = outer;
    }

    /// <summary>The span of the program's own, or the activity where there is none and activities are recorded.</summary>
    public static AsyncSpanId Current => current.Value?.id ?? ActivityBridge.Current;

    /// <summary>The span of the program's own, whatever activity there is.</summary>
    public static AsyncSpanId Own => current.Value?.id ?? AsyncSpanId.None;

    public static AmbientSpan Enter(AsyncSpanId id)
    {
        var entered = new AmbientSpan(id, current.Value);
        current.Value = entered;
        return entered;
    }

    public void Leave() => current.Value = outer;
}
