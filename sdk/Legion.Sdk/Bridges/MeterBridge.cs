using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Legion.Sdk;

/// <summary>Records each measurement of the chosen meters, on the thread that makes it.</summary>
sealed class MeterBridge : IDisposable
{
    readonly MeterListener listener = new();

    public MeterBridge(NamePatterns meters)
    {
        listener.InstrumentPublished = (instrument, listener) =>
        {
            if (meters.Match(instrument.Meter.Name)) listener.EnableMeasurementEvents(instrument, new BridgedInstrument(instrument));
        };
        listener.SetMeasurementEventCallback<byte>(static (_, value, tags, state) => Take(value, tags, state));
        listener.SetMeasurementEventCallback<short>(static (_, value, tags, state) => Take(value, tags, state));
        listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => Take(value, tags, state));
        listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => Take(value, tags, state));
        listener.SetMeasurementEventCallback<float>(static (_, value, tags, state) => Take(value, tags, state));
        listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => Take(value, tags, state));
        listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, state) => Take((double)value, tags, state));
        listener.Start();
    }

    /// <summary>Asks the observable instruments.</summary>
    /// <exception cref="AggregateException">Instruments threw; the others have answered.</exception>
    public void Poll() => listener.RecordObservableInstruments();

    public void Dispose() => listener.Dispose();

    // Only what was published above is enabled, with this very state.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Take(double value, ReadOnlySpan<Tag> tags, object? state) => Unsafe.As<BridgedInstrument>(state!).Take(value, tags);
}
