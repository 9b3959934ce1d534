using System.Runtime.CompilerServices;
using Legion.Format;

namespace Legion.Sdk;

/// <content>Metrics: samples of what is measured, and increments of what is counted.</content>
public static unsafe partial class Telemetry
{
    /// <summary>Records a sample of a metric.</summary>
    /// <param name="name">A literal.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Metric(string name, double value, Unit unit = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        var cursor = Enter();
        if (cursor is not null) Cursor.Word(cursor, RecordKind.Metric, DeclarationTable.FindMetric(name, file, line, unit.Name ?? "").Id, BitConverter.DoubleToUInt64Bits(value));
    }

    /// <summary>Records a sample of a metric. Values of more than 53 bits lose their lowest ones.</summary>
    /// <param name="name">A literal.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Metric(string name, long value, Unit unit = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Metric(name, (double)value, unit, file, line);

    /// <summary>Records a sample that has properties of its own.</summary>
    /// <param name="name">A literal.</param>
    public static void Metric(string name, double value, Unit unit, ReadOnlySpan<Property> properties, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Enter() is not null) MetricWith(DeclarationTable.FindMetric(name, file, line, unit.Name ?? "").Id, isCount: false, value, properties);
    }

    /// <summary>Records a sample of a metric at the moment of the thread's last event, for a fraction of the cost: no clock is read.</summary>
    /// <param name="name">A literal.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MetricAtLast(string name, double value, Unit unit = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        var cursor = Enter();
        if (cursor is not null) Cursor.MetricAtLast(cursor, DeclarationTable.FindMetric(name, file, line, unit.Name ?? "").Id, value);
    }

    /// <summary>Records that a counter grew.</summary>
    /// <param name="name">A literal.</param>
    /// <param name="increment">By how much.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Count(string name, double increment = 1, Unit unit = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        var cursor = Enter();
        if (cursor is not null) Cursor.Word(cursor, RecordKind.Count, DeclarationTable.FindMetric(name, file, line, unit.Name ?? "").Id, BitConverter.DoubleToUInt64Bits(increment));
    }

    /// <summary>Records that a counter grew, with properties of its own.</summary>
    /// <param name="name">A literal.</param>
    /// <param name="increment">By how much.</param>
    public static void Count(string name, double increment, Unit unit, ReadOnlySpan<Property> properties, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Enter() is not null) MetricWith(DeclarationTable.FindMetric(name, file, line, unit.Name ?? "").Id, isCount: true, increment, properties);
    }

    internal static void MetricWith(uint site, bool isCount, double value, ReadOnlySpan<Property> properties) =>
        ThreadContext.Current?.Append(RecordKind.MetricDynamic, isCount ? (byte)1 : (byte)0, site, new Measured(value, properties), Measured.Write);

    readonly ref struct Measured(double value, ReadOnlySpan<Property> properties)
    {
        readonly double value = value;
        readonly ReadOnlySpan<Property> properties = properties;

        public static readonly WriteBody<Measured> Write = static (in Measured measured, ref RecordWriter writer) =>
        {
            writer.U64(BitConverter.DoubleToUInt64Bits(measured.value));
            writer.Properties(measured.properties);
        };
    }
}
