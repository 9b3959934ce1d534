using System.Text.Json;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;

namespace Legion.Viewer;

/// <summary>Answers about processes.</summary>
sealed class ProcessQuestions(Lake lake)
{
    const int MostProcesses = 1000;

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
            json.WriteStartArray("processes");
            foreach (var process in processes)
            {
                json.WriteStartObject();
                Write(json, process);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    public async Task<Answer> DescribeAsync(Question question)
    {
        var process = await lake.FindProcessAsync(question.RouteId("process"), question.Cancellation);
        var streams = await lake.Store.Catalog.ReadStreamsAsync(lake.Tenant, [process.ProcessId], question.Cancellation);
        var problems = await CountProblemsAsync(process.ProcessId, question.Cancellation);
        return Answer.Json(json =>
        {
            json.WriteStartObject();
            Write(json, process);
            json.WriteStartArray("streams");
            foreach (var stream in streams)
            {
                json.WriteStartObject();
                json.WriteString("stream_id", stream.StreamId);
                json.WriteString("class", StoreNames.Class(stream.Class));
                json.WriteString("name", stream.Name);
                json.WriteString("thread_id", stream.ThreadId?.ToString() ?? "");
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteNumber("problems", problems);
            json.WriteEndObject();
        });
    }

    /// <summary>Without those of severity info: nobody has to look into what was left out on purpose.</summary>
    async Task<long> CountProblemsAsync(Guid processId, CancellationToken cancellation)
    {
        using var result = await lake.QueryAsync("SELECT count(*) FROM problems WHERE process_id = $process AND severity <> 'info'",
            new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = processId } }, cancellation);
        using var rows = result.ReadRows(cancellation);
        return rows.Read() ? rows.Int64(0) : 0;
    }

    static bool Contains(ProcessRow process, string search) => search.Length == 0 ||
        new[] { process.ProcessId.ToString(), process.Exe, process.User, process.Computer, process.Os, process.EndReason, process.Properties }
            .Any(text => text?.Contains(search, StringComparison.OrdinalIgnoreCase) == true);

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
