using System.Text.Json;
using Legion.Lakehouse;
using Legion.Store;
using Microsoft.AspNetCore.Http;

namespace Legion.Viewer;

/// <summary>Publishes reports, lists and shows them, and takes them away.</summary>
sealed class ReportQuestions(Lake lake)
{
    const string Html = "text/html";

    /// <summary>One page at a time is read: in memory it takes many times its bytes.</summary>
    static readonly SemaphoreSlim turn = new(1);

    readonly LakeReports reports = new(lake);

    public async Task<Answer> ListAsync(Question question, Credential? reader)
    {
        var found = await reports.ListAsync(question.Text("search"), question.Cancellation);
        var limit = question.Limit(usual: 200);
        return Answer.Json(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("total", found.Count);
            json.WriteStartArray("reports");
            foreach (var report in found.Take(limit)) Write(json, report, reader);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    public async Task<Answer> DescribeAsync(Question question, Credential? reader)
    {
        var report = await reports.OpenAsync(question.Route("report"), question.Cancellation);
        return Answer.Json(json => Write(json, report, reader));
    }

    /// <summary>The page itself, on a route of its own: whatever opens it, it is of no origin, and only the scripts run in it that were known when it was published.</summary>
    public async Task<Answer> ContentAsync(Question question)
    {
        var report = await reports.OpenAsync(question.Route("report"), question.Cancellation);
        return new Answer(StatusCodes.Status200OK, Html + "; charset=utf-8", await reports.ReadAsync(report, question.Cancellation), Keeping.Unchanged)
        {
            Tag = $"\"{report.Sha256}\"",
            Policy = PagePolicy.OfReport(report.Scripts),
        };
    }

    /// <summary>Takes the page as the body; <c>title</c> and <c>days</c> of the query may be missing.</summary>
    public async Task<Answer> PublishAsync(Question question, Credential? reader, string by, ReportReader read)
    {
        var html = await question.BytesAsync(Html, LakeReports.MostBytes, LakeReports.TooLarge);
        TimeSpan? left = question.Number("days", most: 100_000) is { } days ? TimeSpan.FromDays(days) : null;
        await turn.WaitAsync(question.Cancellation);
        try
        {
            var report = await reports.PublishAsync(html, question.Value("title"), left, by, read, question.Cancellation);
            return Answer.Json(json => Write(json, report, reader)) with { Status = StatusCodes.Status201Created };
        }
        catch (FormatException cause)
        {
            throw new MalformedQuestionException(cause.Message);
        }
        finally
        {
            turn.Release();
        }
    }

    public async Task<Answer> RemoveAsync(Question question, Credential? reader)
    {
        var report = await reports.OpenAsync(question.Route("report"), question.Cancellation);
        if (!MayRemove(report, reader)) return Answer.Error(StatusCodes.Status403Forbidden, "expected the key of who published the report, or one of role admin, saw another");
        await reports.RemoveAsync(report.ReportId, question.Cancellation);
        return Answer.Json(json =>
        {
            json.WriteStartObject();
            json.WriteString("report", report.ReportId);
            json.WriteEndObject();
        });
    }

    /// <summary>Where nobody needs a key, anybody.</summary>
    static bool MayRemove(ReportRow report, Credential? reader) => reader is null || reader.Role == KeyRole.Admin || reader.Holder == report.CreatedBy;

    static void Write(Utf8JsonWriter json, ReportRow report, Credential? reader)
    {
        json.WriteStartObject();
        json.WriteString("report", report.ReportId);
        json.WriteString("path", ReportRow.Path + report.ReportId);
        json.WriteString("title", report.Title);
        json.WriteInt64("created_ns", report.CreatedNs);
        json.WriteString("created_by", report.CreatedBy);
        json.WriteInt64("expires_ns", report.ExpiresNs);
        json.WriteNumber("bytes", report.Bytes);
        json.WriteBoolean("removable", MayRemove(report, reader));
        json.WriteEndObject();
    }
}
