using DuckDB.NET.Data;

namespace Legion.Lakehouse.Sql;

/// <summary>
/// An engine that is open before somebody asks. Opening one takes some 23 ms and letting one go 8, which is most of what a small question takes: both happen
/// after an answer, while somebody reads it. The first question of a program opens its own, so that one that asks once waits for nothing else.
/// </summary>
static class ReadyEngine
{
    static readonly Lock gate = new();
    static Task<DuckDBConnection>? ready;
    static Task lettingGo = Task.CompletedTask;
    static bool isAskedAgain;

    // A program that ended while another thread is inside the engine could crash.
    static ReadyEngine() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Task.WhenAny(Volatile.Read(ref lettingGo)).Wait();

    /// <summary>An engine that nobody else has, with the settings for a query.</summary>
    public static InProcessEngine Take(QueryOptions options)
    {
        Task<DuckDBConnection>? taken;
        lock (gate) (taken, ready) = (ready, null);
        var connection = taken is null or { IsFaulted: true } ? DuckDb.Open() : taken.GetAwaiter().GetResult();
        try
        {
            DuckDb.Configure(connection, options);
            return new InProcessEngine(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Lets an engine go that a query is done with, and gets the next one ready.</summary>
    public static void LetGo(DuckDBConnection connection)
    {
        lock (gate)
        {
            if (isAskedAgain)
            {
                var opening = ready ??= Task.Run(DuckDb.Open);
                lettingGo = Task.WhenAll(lettingGo, Task.Run(connection.Dispose), opening);
                return;
            }
            isAskedAgain = true;
        }
        connection.Dispose();
    }
}
