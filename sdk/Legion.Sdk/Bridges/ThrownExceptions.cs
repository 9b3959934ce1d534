using System.Runtime.ExceptionServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>Counts exceptions when they are thrown, whoever catches them, and logs them where that is asked for.</summary>
sealed class ThrownExceptions : IDisposable
{
    [ThreadStatic]
    static bool isLogging;

    readonly Declaration? log;
    long count;

    public ThrownExceptions(bool areLogged)
    {
        if (areLogged) log = DeclarationTable.FindTemplate("{exception.type}: {exception.message}", 2, "exceptions", 0);
        AppDomain.CurrentDomain.FirstChanceException += OnThrown;
    }

    public long Count => Interlocked.Read(ref count);

    public void Dispose() => AppDomain.CurrentDomain.FirstChanceException -= OnThrown;

    void OnThrown(object? sender, FirstChanceExceptionEventArgs arguments)
    {
        // What is thrown while an exception is looked at belongs to the looking.
        if (isLogging || OwnWork.IsCurrent) return;
        Interlocked.Increment(ref count);
        if (log is null || Level.Info < log.MinimumLevel) return;
        isLogging = true;
        var (type, message, _) = ExceptionText.Of(arguments.Exception);
        Telemetry.LogWith(Level.Info, log.Id, [Value.Of(type), Value.Of(message)]);
        isLogging = false;
    }
}
