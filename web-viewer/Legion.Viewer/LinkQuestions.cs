using System.Text.Json;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;
using Microsoft.AspNetCore.Http;

namespace Legion.Viewer;

/// <summary>Makes links, and tells what they open.</summary>
sealed class LinkQuestions(Lake lake)
{
    /// <summary>An address that is escaped once more, and some fields.</summary>
    const int MostBytes = 4 * LinkRow.MostAddressLength;

    readonly LakeLinks links = new(lake);

    public async Task<Answer> DescribeAsync(Question question)
    {
        var link = await links.OpenAsync(question.Route("link"), question.Cancellation);
        var gone = link is { Version: { } version, ProcessId: { } process } ? await lake.FindGoneAsync(process, version, question.Cancellation) : [];
        return Json(link, gone);
    }

    /// <summary>Takes <c>{"address": ..., "frozen": false, "days": 30}</c>; days may be missing.</summary>
    public async Task<Answer> AddAsync(Question question, string by)
    {
        using var json = await question.JsonAsync(MostBytes);
        var root = json.RootElement;
        try
        {
            var address = root.GetProperty("address").GetString() ?? "";
            var isFrozen = root.TryGetProperty("frozen", out var frozen) && frozen.GetBoolean();
            TimeSpan? left = root.TryGetProperty("days", out var days) && days.ValueKind != JsonValueKind.Null ? TimeSpan.FromDays(days.GetDouble()) : null;
            return Json(await links.AddAsync(address, isFrozen, left, by, cancellation: question.Cancellation), []) with { Status = StatusCodes.Status201Created };
        }
        catch (Exception cause) when (cause is KeyNotFoundException or InvalidOperationException or FormatException or OverflowException or ArgumentException)
        {
            throw new MalformedQuestionException(cause is FormatException ? cause.Message : "expected {\"address\": \"/process/ID/timeline\", \"frozen\": true, \"days\": 30}, saw other fields");
        }
    }

    static Answer Json(LinkRow link, IReadOnlyList<GoneSince> gone) => Answer.Json(json =>
    {
        json.WriteStartObject();
        json.WriteString("link", link.LinkId);
        json.WriteString("path", LinkRow.Path + link.LinkId);
        json.WriteString("address", link.Address);
        json.WriteBoolean("frozen", link.Version is not null);
        json.WriteInt64("created_ns", link.CreatedNs);
        json.WriteString("created_by", link.CreatedBy);
        json.WriteInt64("expires_ns", link.ExpiresNs);
        json.WriteStartArray("gone");
        foreach (var one in gone) json.WriteStringValue(one.ToString());
        json.WriteEndArray();
        json.WriteEndObject();
    });
}
