using System.Text.Json;
using Legion.Lakehouse;
using Legion.Lakehouse.Timeline;
using Legion.Store;

namespace Legion.Viewer;

/// <summary>Answers about processes.</summary>
sealed class ProcessQuestions(Lake lake)
{
    const int MostProcesses = 1000;

    /// <summary>Of the processes that one has started, those that are told: the newest.</summary>
    const int MostChildren = 200;

    readonly ProcessRecording recording = new(lake);

    /// <summary>Newest first, those that contain the text in any of their fields.</summary>
    public async Task<Answer> ListAsync(Question question)
    {
        var search = question.Text("search");
        var processes = (await lake.Store.Catalog.ReadProcessesAsync(lake.Tenant, null, question.Cancellation))
            .Where(process => Contains(process, search))
            .OrderByDescending(process => process.StartNs).ThenBy(process => process.ProcessId).Take(MostProcesses);
        return Answer.Json(json =>
        {
            json.WriteStartObject();
            WriteAll(json, "processes", processes);
            json.WriteEndObject();
        });
    }

    /// <summary>What it is, what stands around it, and what its streams have stored: from the catalog alone, so that a page that is looked at may ask again and again.</summary>
    public async Task<Answer> DescribeAsync(Question question)
    {
        var catalog = lake.Store.Catalog;
        var process = await lake.FindProcessAsync(question.RouteId("process"), question.Cancellation);
        var parent = process.ParentProcessId is { } id ? (await catalog.ReadProcessesAsync(lake.Tenant, [id], question.Cancellation)).FirstOrDefault() : null;
        var children = await catalog.ReadChildrenAsync(lake.Tenant, process.ProcessId, MostChildren, question.Cancellation);
        // In this order: a stream is registered before its first block arrives.
        var sums = await recording.SumStreamsAsync(process.ProcessId, question.Cancellation);
        var streams = await catalog.ReadStreamsAsync(lake.Tenant, [process.ProcessId], question.Cancellation);
        return Answer.Json(json =>
        {
            json.WriteStartObject();
            Write(json, process);
            json.WriteString("cpu", process.Cpu);
            json.WriteString("runtime", process.Runtime);
            json.WriteInt64("version", process.Version);
            WriteAll(json, "parent", parent is null ? [] : [parent]);
            WriteAll(json, "children", children);
            json.WriteStartArray("streams");
            foreach (var stream in streams) Write(json, stream, sums.TryGetValue(stream.StreamId, out var stored) ? stored : null);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    public async Task<Answer> HealthAsync(Question question)
    {
        var health = await recording.ReadHealthAsync(question.RouteId("process"), question.Cancellation);
        return Answer.Json(json =>
        {
            json.WriteStartObject();
            json.WriteInt64("lost_events", health.LostEvents);
            json.WriteStartArray("kinds");
            foreach (var kind in health.Kinds)
            {
                json.WriteStartObject();
                json.WriteString("kind", kind.Kind);
                json.WriteString("severity", kind.Severity);
                json.WriteString("reason", kind.Reason);
                json.WriteNumber("count", kind.Count);
                json.WriteInt64("events", kind.Events);
                json.WriteInt64("bytes", kind.Bytes);
                json.WriteInt64("begin_ns", kind.BeginNs);
                json.WriteInt64("end_ns", kind.EndNs);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("problems");
            foreach (var problem in health.Problems)
            {
                json.WriteStartObject();
                json.WriteString("kind", problem.Kind);
                json.WriteString("severity", problem.Severity);
                json.WriteString("stream_id", problem.StreamId);
                json.WriteInt64("events", problem.Events);
                json.WriteInt64("bytes", problem.Bytes);
                json.WriteInt64("begin_ns", problem.BeginNs);
                json.WriteInt64("end_ns", problem.EndNs);
                json.WriteString("detail", problem.Detail);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    public async Task<Answer> AttachmentsAsync(Question question)
    {
        var (files, total) = await recording.ReadAttachmentsAsync(question.RouteId("process"), question.Cancellation);
        return Answer.Json(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("total", total);
            json.WriteStartArray("attachments");
            foreach (var file in files)
            {
                json.WriteStartObject();
                json.WriteString("attachment_id", file.AttachmentId);
                json.WriteString("stream_id", file.StreamId);
                json.WriteInt64("time_ns", file.TimeNs);
                json.WriteString("media_type", file.MediaType);
                json.WriteString("name", file.Name);
                json.WriteInt64("bytes", file.Bytes);
                json.WriteBoolean("complete", file.IsComplete);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    static bool Contains(ProcessRow process, string search) => search.Length == 0 ||
        new[] { process.ProcessId.ToString(), process.Exe, process.User, process.Computer, process.Os, process.EndReason, process.Properties }
            .Any(text => text?.Contains(search, StringComparison.OrdinalIgnoreCase) == true);

    static void WriteAll(Utf8JsonWriter json, string name, IEnumerable<ProcessRow> processes)
    {
        json.WriteStartArray(name);
        foreach (var process in processes)
        {
            json.WriteStartObject();
            Write(json, process);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    static void Write(Utf8JsonWriter json, StreamRow stream, StreamSums? stored)
    {
        json.WriteStartObject();
        json.WriteString("stream_id", stream.StreamId);
        json.WriteString("class", StoreNames.Class(stream.Class));
        json.WriteString("name", stream.Name);
        json.WriteString("thread_id", stream.ThreadId?.ToString() ?? "");
        json.WriteInt64("blocks", stored?.Blocks ?? 0);
        json.WriteInt64("events", stored?.Events ?? 0);
        json.WriteInt64("bytes", stored?.Bytes ?? 0);
        json.WriteInt64("raw_bytes", stored?.RawBytes ?? 0);
        json.WriteInt64("begin_ns", stored?.BeginNs);
        json.WriteInt64("end_ns", stored?.EndNs);
        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, ProcessRow process)
    {
        json.WriteString("process_id", process.ProcessId);
        json.WriteString("parent_process_id", process.ParentProcessId?.ToString());
        json.WriteString("exe", process.Exe);
        json.WriteString("user", process.User);
        json.WriteString("computer", process.Computer);
        json.WriteString("os", process.Os);
        json.WriteInt64("start_ns", process.StartNs);
        json.WriteInt64("end_ns", process.EndNs);
        json.WriteString("end_reason", process.EndReason);
        json.WriteInt64("last_seen_ns", process.LastSeenNs);
        json.WriteProperties("properties", process.Properties);
    }
}
