using Apache.Arrow;
using Legion.Lakehouse.Tiles;

namespace Legion.Lakehouse;

/// <summary>Samples of one metric that lie in one step of a level; what is no number is no sample.</summary>
/// <param name="Unit">Of the last sample.</param>
/// <param name="Kind">Of the last sample: gauge, count or total.</param>
/// <param name="FirstNs">Time of the earliest, nanoseconds UTC.</param>
/// <param name="LastNs">Time of the latest, nanoseconds UTC.</param>
public readonly record struct MeasureItem(
    string Name, string Unit, string Kind, long FirstNs, long LastNs, long Count, double Sum, double Least, double Greatest, double First, double Last) : IStepItem<MeasureItem>
{
    static readonly string[] Columns = ["name", "unit", "kind", "first_ns", "last_ns", "count", "sum", "least", "greatest", "first", "last"];

    static View IStepItem<MeasureItem>.Samples => Views.Measures;

    static View IStepItem<MeasureItem>.Levels => Views.MeasureLevels;

    static View IStepItem<MeasureItem>.Tops => Views.MeasureTops;

    string IStepItem<MeasureItem>.Key => Name;

    /// <summary>A single sample.</summary>
    public static MeasureItem Of(string name, string unit, string kind, long timeNs, double value) => new(name, unit, kind, timeNs, timeNs, 1, value, value, value, value, value);

    /// <summary>Both together. Of samples of one time the first that was added stays first, and the last last.</summary>
    public MeasureItem With(in MeasureItem other)
    {
        var (first, last) = (other.FirstNs < FirstNs ? other : this, other.LastNs >= LastNs ? other : this);
        return new MeasureItem(Name, last.Unit, last.Kind, first.FirstNs, last.LastNs, Count + other.Count, Sum + other.Sum,
            Math.Min(Least, other.Least), Math.Max(Greatest, other.Greatest), first.First, last.Last);
    }

    static void IStepItem<MeasureItem>.Take(RowBuffer samples, StepLevel<MeasureItem> level)
    {
        var (names, units, kinds) = (samples.Text("name"), samples.Text("unit"), samples.Text("kind"));
        var (times, values) = (samples.Get<long>("time_ns"), samples.Get<double>("value"));
        var absent = values.Absent;
        for (var row = 0; row < samples.Count; row++)
            if ((absent.IsEmpty || !absent[row]) && double.IsFinite(values[row]))
                level.Add(Of(names[row]!, units[row]!, kinds[row]!, Math.Clamp(times[row], 0, TileGrid.EndNs), values[row]));
    }

    /// <remarks>Of a single sample only the last value is stored, as all others are the same.</remarks>
    static void IStepItem<MeasureItem>.Write(RowBuffer rows, IReadOnlyCollection<MeasureItem> items)
    {
        var (names, units, kinds) = (rows.Text("name"), rows.Text("unit"), rows.Text("kind"));
        var (firstTimes, lastTimes, counts) = (rows.Get<long>("first_ns"), rows.Get<long>("last_ns"), rows.Get<long>("count"));
        var (sums, least, greatest) = (rows.Get<double>("sum"), rows.Get<double>("least"), rows.Get<double>("greatest"));
        var (firsts, lasts) = (rows.Get<double>("first"), rows.Get<double>("last"));
        foreach (var item in items)
        {
            names.Add(item.Name);
            units.Add(item.Unit);
            kinds.Add(item.Kind);
            firstTimes.Add(item.FirstNs);
            counts.Add(item.Count);
            lasts.Add(item.Last);
            if (item.Count == 1)
            {
                lastTimes.AddNull();
                foreach (var column in (ColumnBuffer<double>[])[sums, least, greatest, firsts]) column.AddNull();
                continue;
            }
            lastTimes.Add(item.LastNs);
            sums.Add(item.Sum);
            least.Add(item.Least);
            greatest.Add(item.Greatest);
            firsts.Add(item.First);
        }
    }

    static async Task IStepItem<MeasureItem>.ReadAsync(string file, Action<MeasureItem> take, CancellationToken cancellation)
    {
        await foreach (var batch in ParquetRows.ReadAsync(file, Columns, beginColumn: null, durationColumn: null, default, cancellation))
        {
            using var _ = batch;
            var (names, units, kinds) = (new CodedTexts(batch.Column(0)), new CodedTexts(batch.Column(1)), new CodedTexts(batch.Column(2)));
            var (firstTimes, lastTimes, counts) = ((Int64Array)batch.Column(3), (Int64Array)batch.Column(4), (Int64Array)batch.Column(5));
            var (sums, least, greatest) = ((DoubleArray)batch.Column(6), (DoubleArray)batch.Column(7), (DoubleArray)batch.Column(8));
            var (firsts, lasts) = ((DoubleArray)batch.Column(9), (DoubleArray)batch.Column(10));
            for (var row = 0; row < batch.Length; row++)
                take(counts.Values[row] == 1
                    ? Of(names[row], units[row], kinds[row], firstTimes.Values[row], lasts.Values[row])
                    : new MeasureItem(names[row], units[row], kinds[row], firstTimes.Values[row], lastTimes.Values[row], counts.Values[row],
                        sums.Values[row], least.Values[row], greatest.Values[row], firsts.Values[row], lasts.Values[row]));
        }
    }
}
