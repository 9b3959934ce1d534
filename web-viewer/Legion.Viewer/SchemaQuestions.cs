using System.Globalization;
using System.Text.Json;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;

namespace Legion.Viewer;

/// <summary>What SQL can name: views with their columns, events of the tenant's programs, and saved queries.</summary>
sealed class SchemaQuestions(Lake lake)
{
    /// <summary>Event types whose own columns are told; of more, those that all events have.</summary>
    const int MostDescribedTypes = 50;

    public async Task<Answer> ListAsync(Question question)
    {
        var types = (await lake.Store.Catalog.ReadStreamsAsync(lake.Tenant, null, question.Cancellation))
            .Where(stream => stream.Class == StreamClass.Other).Select(stream => stream.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var events = new List<(View View, IEnumerable<(string Name, string Type, string Unit, string Meaning)> Columns)>();
        foreach (var type in types)
        {
            var view = Views.Events(type);
            var columns = ColumnsOf(view).ToList();
            if (events.Count < MostDescribedTypes)
            {
                using var result = await lake.QueryAsync($"SELECT * FROM {Views.EventsSchema}.\"{type.Replace("\"", "\"\"")}\"", new QueryOptions { ColumnsOnly = true }, question.Cancellation);
                using var rows = result.ReadRows(question.Cancellation);
                columns.AddRange(rows.Columns.Where(column => columns.All(known => known.Name != column.Name)).Select(column => (column.Name, column.SqlType, "", "")));
            }
            events.Add((view, columns));
        }
        return Answer.Json(json =>
        {
            json.WriteStartArray();
            foreach (var (view, columns) in Views.All.Select(view => (view, ColumnsOf(view))).Concat(events))
            {
                json.WriteStartObject();
                json.WriteString("name", view.Name);
                json.WriteString("summary", view.Meaning);
                json.WriteBoolean("needsProcess", view.NeedsProcess);
                json.WriteStartArray("columns");
                foreach (var (name, type, unit, meaning) in columns)
                {
                    json.WriteStartObject();
                    json.WriteString("name", name);
                    json.WriteString("type", type);
                    json.WriteString("unit", unit);
                    json.WriteString("summary", meaning);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });
    }

    public async Task<Answer> ListSavedAsync(Question question)
    {
        var saved = await lake.ReadSavedQueriesAsync(question.Cancellation);
        return Answer.Json(json =>
        {
            json.WriteStartArray();
            foreach (var row in saved)
            {
                json.WriteStartObject();
                json.WriteString("name", row.Name);
                json.WriteString("sql", row.Sql);
                json.WriteString("by", row.UpdatedBy);
                json.WriteString("savedNs", row.UpdatedNs.ToString(CultureInfo.InvariantCulture));
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });
    }

    /// <summary>The columns of a view as SQL shows them: the twins of times follow.</summary>
    static IEnumerable<(string Name, string Type, string Unit, string Meaning)> ColumnsOf(View view) =>
        view.Columns.Select(column => (column.Name, column.SqlType, column.Unit, column.Meaning))
            .Concat(view.Columns.Where(column => column.TimeTwin is not null).Select(column => (column.TimeTwin!, "TIMESTAMP_NS", "", column.Meaning)));
}
