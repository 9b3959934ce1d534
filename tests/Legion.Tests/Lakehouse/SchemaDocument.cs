using System.Text;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Tests.Format;

namespace Legion.Tests.Lakehouse;

/// <summary>
/// SCHEMA.md documents every column of every view and every function, and nothing else.
/// To write its tables anew after a change of a view, run the tests with <c>LEGION_WRITE_SCHEMA=1</c> and read the difference.
/// </summary>
public sealed class SchemaDocument
{
    static readonly string DocumentPath = Path.Combine(RepositoryTree.Root, "lakehouse", "Legion.Lakehouse", "SCHEMA.md");

    const string FunctionMark = "\n## Functions\n", Mark = "\n## Views\n";

    [Fact]
    public async Task Documents_every_column_and_function()
    {
        var text = await File.ReadAllTextAsync(DocumentPath, TestContext.Current.CancellationToken);
        var head = text[..(text.IndexOf(FunctionMark, StringComparison.Ordinal) + FunctionMark.Length)];
        var expected = head + Functions() + Mark + Tables();
        if (Environment.GetEnvironmentVariable("LEGION_WRITE_SCHEMA") == "1") await File.WriteAllTextAsync(DocumentPath, expected, TestContext.Current.CancellationToken);
        Assert.Equal(expected, text);
    }

    static string Functions()
    {
        var text = new StringBuilder("\nBeside the engine's own functions a query has these; aggregates are for `GROUP BY`, without `FILTER`, `DISTINCT` or `OVER`.\n\n| call | gives | |\n| --- | --- | --- |\n");
        foreach (var form in SqlFunctions.All.SelectMany(function => function.Forms)) text.Append($"| `{form.Call}` | {form.Returns} | {form.Meaning} |\n");
        return text.ToString();
    }

    static string Tables()
    {
        var text = new StringBuilder();
        foreach (var view in Views.All.Append(Views.Events("TYPE")))
        {
            text.Append($"\n### {view.Name}\n\n{view.Meaning}\n\n| column | type | unit | |\n| --- | --- | --- | --- |\n");
            foreach (var column in view.Columns)
                text.Append($"| {column.Name} | {column.SqlType} | {column.Unit} | {column.Meaning} |\n");
            foreach (var column in view.Columns.Where(column => column.TimeTwin is not null))
                text.Append($"| {column.TimeTwin} | TIMESTAMP_NS | UTC | {column.Name} as a timestamp. |\n");
            if (view.Packed.Count == 0) continue;
            text.Append("\nFiles of partitions hold these instead of the columns that follow from them:\n\n| stored | type | unit | |\n| --- | --- | --- | --- |\n");
            foreach (var column in view.Packed)
                text.Append($"| {column.Name} | {column.SqlType} | {column.Unit} | {column.Meaning} |\n");
            text.Append("\n| computed | |\n| --- | --- |\n");
            foreach (var column in view.Columns.Where(column => column.Computed is not null))
                text.Append($"| {column.Name} | `{column.Computed}` |\n");
        }
        return text.ToString();
    }
}
