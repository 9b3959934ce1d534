using System.Diagnostics;
using Legion.Store;

namespace Legion.Lakehouse.Sql.Workers;

/// <summary>
/// Processes that run other people's SQL, one for each query. Starting one takes longer than most queries do, so that from the second query on one is ready before it is asked for.
/// Each may read the folders in which the lake has local files, and write in a folder of its own.
/// </summary>
public sealed class SqlWorkers : IDisposable
{
    readonly string program;
    readonly SqlLimits limits;
    readonly LakeStore store;
    readonly Lazy<TemporaryFolder> folder = new(MakeFolder);
    readonly SemaphoreSlim turns;
    readonly Lock gate = new();
    readonly Dictionary<string, (SemaphoreSlim Turns, int Users)> actors = new(StringComparer.Ordinal);
    Task<StartedWorker>? ready;
    bool isDisposed;

    /// <param name="program">Path of a program whose command <see cref="SqlWorker.CommandName"/> runs <see cref="SqlWorker"/>.</param>
    public SqlWorkers(string program, LakeStore store, SqlLimits limits)
    {
        (this.program, this.store, this.limits) = (program, store, limits);
        turns = new SemaphoreSlim(limits.MostAtOnce);
    }

    public SqlLimits Limits => limits;

    /// <summary>What confines the workers beside the engine's own settings; null before one was started, empty for nothing.</summary>
    public string? Confinement { get; private set; }

    /// <summary>Waits for a turn and gives a worker that nobody else has.</summary>
    /// <exception cref="SqlBusyException">It waited for too long.</exception>
    /// <exception cref="InvalidOperationException">Workers do not start.</exception>
    internal async Task<WorkerEngine> TakeAsync(string actor, CancellationToken cancellation)
    {
        var own = Enter(actor);
        var (hasOwn, hasTurn) = (false, false);
        try
        {
            var begun = Stopwatch.GetTimestamp();
            hasOwn = await own.WaitAsync(limits.MostWait, cancellation);
            var rest = limits.MostWait - Stopwatch.GetElapsedTime(begun);
            hasTurn = hasOwn && await turns.WaitAsync(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, cancellation);
            if (!hasTurn) throw new SqlBusyException($"{(hasOwn ? "other queries" : "queries of yours")} are running, and this one has waited for {limits.MostWait.TotalSeconds:0.#} seconds: ask again later");
            var worker = await NextAsync();
            return new WorkerEngine(worker.Process, limits, () =>
            {
                worker.RemoveScratch();
                turns.Release();
                own.Release();
                Leave(actor);
            });
        }
        catch
        {
            if (hasTurn) turns.Release();
            if (hasOwn) own.Release();
            Leave(actor);
            throw;
        }
    }

    public void Dispose()
    {
        Task<StartedWorker>? waiting;
        lock (gate) (isDisposed, waiting, ready) = (true, ready, null);
        waiting?.ContinueWith(static started => started.Result.End(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default).Wait();
        if (folder.IsValueCreated) folder.Value.Dispose();
    }

    SemaphoreSlim Enter(string actor)
    {
        lock (gate)
        {
            var (own, users) = actors.TryGetValue(actor, out var known) ? known : (new SemaphoreSlim(limits.MostOfOneActor), 0);
            actors[actor] = (own, users + 1);
            return own;
        }
    }

    void Leave(string actor)
    {
        lock (gate)
        {
            var (own, users) = actors[actor];
            if (users == 1) actors.Remove(actor);
            else actors[actor] = (own, users - 1);
        }
    }

    async Task<StartedWorker> NextAsync()
    {
        Task<StartedWorker> taken;
        lock (gate) (taken, ready) = (ready ?? Task.Run(StartAsync), null);
        var worker = await taken;
        lock (gate)
            if (!isDisposed) ready ??= Task.Run(StartAsync);
        return worker;
    }

    async Task<StartedWorker> StartAsync()
    {
        var scratch = Directory.CreateDirectory(folder.Value.NewFile()).FullName;
        var start = new ProcessStartInfo(program, SqlWorker.Arguments(limits, scratch, store.Objects.LocalFolders)) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false, WorkingDirectory = scratch };
        // It knows nothing that is secret.
        var variables = start.Environment.Where(variable => IsHarmless(variable.Key)).ToArray();
        start.Environment.Clear();
        foreach (var (name, value) in variables) start.Environment[name] = value;
        foreach (var (name, value) in Variables(scratch)) start.Environment[name] = value;
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception cause)
        {
            throw new InvalidOperationException($"cannot start '{program}' to run SQL: {cause.Message}", cause);
        }
        var worker = new StartedWorker(process, scratch);
        try
        {
            var (kind, payload) = await WorkerFrames.ReadAsync(process.StandardOutput.BaseStream, CancellationToken.None);
            if ((WorkerReply)kind != WorkerReply.Ready) throw new InvalidDataException($"expected a worker that is ready, saw a reply of kind {kind}");
            using var reader = WorkerFrames.Open(payload);
            Confinement = reader.ReadString();
            return worker;
        }
        catch (Exception cause) when (cause is IOException or InvalidDataException)
        {
            worker.End();
            throw new InvalidOperationException($"'{program} {SqlWorker.CommandName}' does not start: {cause.Message}", cause);
        }
    }

    static bool IsHarmless(string name) => name is "PATH" or "LD_LIBRARY_PATH" || name.StartsWith("DOTNET_ROOT", StringComparison.Ordinal) || (OperatingSystem.IsWindows() && name is "SystemRoot" or "TEMP");

    static IEnumerable<(string Name, string Value)> Variables(string scratch) =>
    [
        ("TMPDIR", scratch),
        ("DOTNET_gcServer", "0"),
        ("DOTNET_gcConcurrent", "0"),
        ("DOTNET_GCHeapHardLimit", "0x4000000"),
        ("DOTNET_EnableDiagnostics", "0"),
        ("DOTNET_EnableWriteXorExecute", "0"),
        ("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1"),
    ];

    static TemporaryFolder MakeFolder()
    {
        var parent = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "legion-sql")).FullName;
        TemporaryFolder.SweepDead(Directory.EnumerateDirectories(parent), DateTime.UtcNow.AddMinutes(-1));
        return TemporaryFolder.CreateIn(parent);
    }

    /// <param name="Scratch">The folder of its own.</param>
    sealed record StartedWorker(Process Process, string Scratch)
    {
        public void End()
        {
            Process.Kill();
            Process.Dispose();
            RemoveScratch();
        }

        public void RemoveScratch()
        {
            try
            {
                Directory.Delete(Scratch, recursive: true);
            }
            catch (IOException)
            {
                // It is being killed: the folder goes with the program's own.
            }
        }
    }
}
