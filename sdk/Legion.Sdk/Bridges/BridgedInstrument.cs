using System.Diagnostics.Metrics;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>What a measurement of an instrument means.</summary>
enum Meaning
{
    /// <summary>A value by itself: of a histogram, of a gauge.</summary>
    Sample,

    /// <summary>What a counter grew by.</summary>
    Increment,

    /// <summary>What an up-down counter changed by: its sum so far is the sample.</summary>
    Change,

    /// <summary>What a counter counted so far: what it grew by since the last is the increment.</summary>
    Total,
}

/// <summary>An instrument whose measurements are recorded: its site, made once, and its sums where it needs them.</summary>
sealed unsafe class BridgedInstrument
{
    readonly uint site;
    readonly RecordKind kind;
    readonly TagTotals? totals;
    readonly bool isTotal;

    // The recording's own uploads measure among these.
    readonly bool mayBeOwn;

    public BridgedInstrument(Instrument instrument)
    {
        var meaning = MeaningOf(instrument.GetType());
        site = DeclarationTable.FindSite(instrument.Name, instrument.Meter.Name, "", 0, UnitOf(instrument.Unit)).Id;
        kind = meaning is Meaning.Increment or Meaning.Total ? RecordKind.Count : RecordKind.Metric;
        totals = meaning is Meaning.Change or Meaning.Total ? new TagTotals() : null;
        isTotal = meaning == Meaning.Total;
        mayBeOwn = instrument.Meter.Name.StartsWith("System.Net.", StringComparison.Ordinal);
    }

    public void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var cursor = Telemetry.Enter();
        if (cursor is null || mayBeOwn && OwnWork.IsCurrent) return;
        if (totals is not null) value = isTotal ? totals.Growth(tags, value) : totals.Add(tags, value);
        if (isTotal && value == 0) return;
        if (tags.IsEmpty) Cursor.Word(cursor, kind, site, BitConverter.DoubleToUInt64Bits(value));
        else TakeTagged(value, tags);
    }

    void TakeTagged(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var properties = new GatheredProperties();
        properties.Add(tags);
        Telemetry.MetricWith(site, kind == RecordKind.Count, value, properties.All);
        properties.Return();
    }

    static Meaning MeaningOf(Type type)
    {
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        if (definition == typeof(Counter<>)) return Meaning.Increment;
        if (definition == typeof(UpDownCounter<>)) return Meaning.Change;
        return definition == typeof(ObservableCounter<>) ? Meaning.Total : Meaning.Sample;
    }

    /// <summary>Units are in the code of UCUM; those that the SDK has a name for go by it.</summary>
    static string UnitOf(string? unit) => unit switch
    {
        null or "1" => "",
        "By" => Unit.Bytes.Name,
        ['{', .. var counted, '}'] => counted,
        _ => unit,
    };
}
