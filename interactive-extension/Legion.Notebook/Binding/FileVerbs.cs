using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Microsoft.Data.Analysis;

namespace Legion.Notebook;

/// <summary>The verbs that take from the lake and give to it: files and links.</summary>
static class FileVerbs
{
    public static async Task<object?> ImportAsync(LakeCall call, CancellationToken cancel)
    {
        var path = call.Argument(0);
        if (call.Call.Has("dry-run"))
            return File.Exists(path) ? $"would append {Path.GetFullPath(path)}, {ReceiptText.Bytes(new FileInfo(path).Length)}, to {call.Lake.Location}" : throw call.Call.Error(call.Call.Arguments[0], $"cannot import '{path}': no such file");
        try
        {
            return await call.Lake.ImportAsync(path, cancel);
        }
        catch (Exception error) when (error is FileNotFoundException or InvalidDataException or FormatException)
        {
            throw call.Call.Error(call.Call.Arguments[0], error.Message);
        }
    }

    public static async Task<object?> ExportAsync(LakeCall call, CancellationToken cancel)
    {
        var what = call.Call.Argument(0, call.Host);
        var format = ReadFormat(call);
        var path = Path.GetFullPath(call.Text("out") ?? $"{Name(call, what)}.{Ending(format)}");
        try
        {
            return what switch
            {
                DataFrame frame => await ExportFrameAsync(call, frame, format, path, cancel),
                SqlAnswer answer => await ExportFrameAsync(call, answer.Frame, format, path, cancel),
                TableView table => await ExportFrameAsync(call, table.Frame, format, path, cancel),
                _ => await ExportProcessAsync(call, what, format, path, cancel),
            };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw call.Call.Options.TryGetValue("out", out var at) ? call.Call.Error(at, error.Message) : call.Call.Error(error.Message, error);
        }
    }

    static async Task<object?> ExportFrameAsync(LakeCall call, DataFrame frame, ExportFormat format, string path, CancellationToken cancel)
    {
        if (format is not (ExportFormat.Csv or ExportFormat.Parquet))
            throw call.Call.Error(call.Call.Options["to"], $"a DataFrame is written as csv or parquet, not as {format.ToString().ToLowerInvariant()}, which is of a process");
        if (call.Call.Has("dry-run"))
            return $"would write {path}";
        try
        {
            await call.Lake.ExportAsync(frame, format, path, cancel);
        }
        catch (ArgumentException error)
        {
            throw call.Call.Error(call.Call.Arguments[0], error.Message);
        }
        return new ExportedFile(path, new FileInfo(path).Length);
    }

    static async Task<object?> ExportProcessAsync(LakeCall call, object? what, ExportFormat format, string path, CancellationToken cancel)
    {
        var process = await call.ProcessAsync(cancel);
        // A view of a part of a process is that part.
        var range = call.Range is { FromNs: null, ToNs: null } && MagicTimes.Selected(what) is { } selected && what is not LakeProcess ? new QueryRange(selected.BeginNs, selected.EndNs + 1) : call.Range;
        if (call.Call.Has("dry-run"))
            return $"would write {path}";
        try
        {
            await call.Lake.ExportAsync(process, format, path, call.Text("view"), range, cancel);
        }
        catch (QueryException error) when (call.Call.Options.TryGetValue("view", out var view))
        {
            throw call.Call.Error(view, error.Message);
        }
        return new ExportedFile(path, new FileInfo(path).Length);
    }

    /// <summary>Of the file, where it is not told.</summary>
    static string Name(LakeCall call, object? what) =>
        what is DataFrame or SqlAnswer or TableView ? call.Call.Arguments[0].Text.Split('.')[0] : ProcessReference.Id(what)?.ToString() ?? "export";

    public static async Task<object?> ShareAsync(LakeCall call, CancellationToken cancel)
    {
        if (call.Lake.Viewer is not { } viewer)
            throw call.Call.Error("no viewer is known: name it, as in `#!legion connect --viewer http://localhost:9020`");
        var process = await call.ProcessAsync(cancel);
        var view = call.Call.Argument(0, call.Host);
        TimeSpan? timeToLive = call.Text("ttl") is not { } text ? null
            : TimeText.TryParseDurationNs(text, out var ns) ? TimeSpan.FromTicks(ns / TimeSpan.NanosecondsPerTick)
            : throw call.Call.Error(call.Call.Options["ttl"], $"--ttl takes a duration such as 30d or 12h, not '{text}'");
        try
        {
            var row = await new LakeLinks(call.Lake.Lake).AddAsync(Link.PageOf(viewer, process, view).PathAndQuery, call.Call.Has("freeze"), timeToLive, "user " + Environment.UserName, Link.VersionOf(process, view), cancel);
            return new Link(viewer, row);
        }
        catch (FormatException error)
        {
            throw call.Call.Error(error.Message, error);
        }
    }

    static ExportFormat ReadFormat(LakeCall call)
    {
        var names = Enum.GetNames<ExportFormat>().Select(name => name.ToLowerInvariant()).ToList();
        var text = call.Text("to") ?? throw call.Call.Error($"expected --to {string.Join(", ", names)}: what to write");
        return names.Contains(text) ? Enum.Parse<ExportFormat>(text, ignoreCase: true)
            : throw call.Call.Error(call.Call.Options["to"], $"unknown tool '{text}'{NearestName.Suggestion(text, names)} (tools: {string.Join(", ", names)})");
    }

    static string Ending(ExportFormat format) => format switch
    {
        ExportFormat.Perfetto => "trace.json",
        ExportFormat.Speedscope => "speedscope.json",
        ExportFormat.Parquet => "parquet",
        _ => "csv",
    };
}
