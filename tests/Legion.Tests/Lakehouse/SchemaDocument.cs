using System.Text;
using Legion.Lakehouse;
using Legion.Tests.Format;

namespace Legion.Tests.Lakehouse;

/// <summary>
/// SCHEMA.md documents every column of every view, and nothing else.
/// To write its tables anew after a change of a view, run the tests with <c>LEGION_WRITE_SCHEMA=1</c> and read the difference.
/// </summary>
public sealed class SchemaDocument
{
    static readonly string DocumentPath = Path.Combine(RepositoryTree.Root, "lakehouse", "Legion.Lakehouse", "SCHEMA.md");

    const string Mark = "## Views\n";

    [Fact]
    public async Task Documents_every_column()
    {
        var text = await File.ReadAllTextAsync(DocumentPath, TestContext.Current.CancellationToken);
        var tables = Tables();
        if (Environment.GetEnvironmentVariable("LEGION_WRITE_SCHEMA") == "1")
            await File.WriteAllTextAsync(DocumentPath, text[..(text.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)] + tables, TestContext.Current.CancellationToken);
        Assert.Equal(tables, text[(text.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..]);
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
