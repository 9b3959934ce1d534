using System.Diagnostics;
using Legion.Store;

namespace Legion.Lakehouse.Sql.Workers;

/// <summary>
/// Processes that run other people's SQL, one for each query. Starting one takes longer than most queries do, so that from the second query on one is ready before it is asked for.
/// Each may read the folders in which the lake has local files, and write in a folder of its own.
/// </summary>
public sealed class SqlWorkers : IDisposable
{
    /// <summary>On a machine that does much else; usually it is a fifth of a second.</summary>
    static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    readonly string program;
    readonly Action<string>? warn;
    readonly SqlLimits limits;
    readonly LakeStore store;
    readonly Lazy<TemporaryFolder> folder = new(MakeFolder);
    readonly SemaphoreSlim turns;
    readonly Lock gate = new();
    readonly Dictionary<string, (SemaphoreSlim Turns, int Users)> actors = new(StringComparer.Ordinal);
    Task<StartedWorker>? ready;
    bool isDisposed;

    /// <param name="program">Path of a program whose command <see cref="SqlWorker.CommandName"/> runs <see cref="SqlWorker"/>.</param>
    /// <param name="warn">Told where the system does not confine them.</param>
    public SqlWorkers(string program, LakeStore store, SqlLimits limits, Action<string>? warn = null)
    {
        (this.program, this.store, this.limits, this.warn) = (program, store, limits, warn);
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
                turns.Release();
                own.Release();
                Leave(actor);
                worker.RemoveScratch();
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
        waiting?.ContinueWith(static started => End(started), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).Wait(StartTimeout);
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
        Task<StartedWorker>? taken;
        lock (gate) (taken, ready) = (ready, null);
        if (taken is not null)
        {
            await ((Task)taken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // What was ready may have ended since, as the system ends what it has no room for.
            if (!taken.IsCompletedSuccessfully || taken.Result.Process.HasExited)
            {
                End(taken);
                taken = null;
            }
        }
        var worker = await (taken ?? StartAsync());
        lock (gate)
            if (!isDisposed) ready ??= Task.Run(StartAsync);
        return worker;
    }

    static void End(Task<StartedWorker> started)
    {
        if (started.IsCompletedSuccessfully) started.Result.End();
        else _ = started.Exception; // it has been seen
    }

    async Task<StartedWorker> StartAsync()
    {
        var scratch = Directory.CreateDirectory(folder.Value.NewFile()).FullName;
        var start = new ProcessStartInfo(program, SqlWorker.Arguments(limits, scratch, store.Objects.LocalFolders)) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = scratch };
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
            // What a library writes there as it ends is nobody's; the host says why a query failed.
            _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
            var (kind, payload) = await WorkerFrames.ReadAsync(process.StandardOutput.BaseStream, CancellationToken.None).AsTask().WaitAsync(StartTimeout);
            if ((WorkerReply)kind != WorkerReply.Ready) throw new InvalidDataException($"expected a worker that is ready, saw a reply of kind {kind}");
            using var reader = WorkerFrames.Open(payload);
            var confinement = reader.ReadString();
            if (confinement.Length == 0 && Confinement is null) warn?.Invoke("the system confines people's SQL by nothing: it has no Landlock, so that the engine's own settings alone do");
            Confinement = confinement;
            return worker;
        }
        catch (Exception cause) when (cause is IOException or InvalidDataException or TimeoutException)
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
        // What a query puts aside is for nobody else on this machine.
        var path = Path.Combine(Path.GetTempPath(), $"legion-sql-{Environment.UserName}");
        var parent = OperatingSystem.IsWindows() ? Directory.CreateDirectory(path).FullName : Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        TemporaryFolder.SweepDead(Directory.EnumerateDirectories(parent), DateTime.UtcNow.AddMinutes(-1));
        return TemporaryFolder.CreateIn(parent);
    }

    /// <param name="Scratch">The folder of its own.</param>
    sealed record StartedWorker(Process Process, string Scratch)
    {
        public void End()
        {
            try
            {
                Process.Kill();
            }
            catch (Exception cause) when (cause is InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                // It has ended already, or does so now.
            }
            Process.Dispose();
            RemoveScratch();
        }

        public void RemoveScratch()
        {
            try
            {
                Directory.Delete(Scratch, recursive: true);
            }
            catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
            {
                // It is being killed: the folder goes with the program's own.
            }
        }
    }
}
