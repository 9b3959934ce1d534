using System.Text;
using Legion.Cli;
using Legion.Kernel.Cells;
using Legion.Kernel.Display;
using Legion.Kernel.Notebooks;

namespace Legion.Tests.Support;

/// <summary>Reports by the writer that writes all of them, of cells that were not run.</summary>
static class TestReport
{
    /// <param name="markdown">Its first cell.</param>
    /// <param name="outputs">Of the cell below.</param>
    public static string Write(string markdown, params MimeBundle[] outputs)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, Kernel.NotebookText.Of(Kernel.NotebookText.Markdown(markdown), Kernel.NotebookText.Code("1")));
            var notebook = NotebookFile.Read(file);
            foreach (var output in outputs) notebook.Cells[1].Add(new DisplayOutput(output));
            return Report.Write(notebook, "notebook", Notebooks.Modules());
        }
        finally
        {
            File.Delete(file);
        }
    }

    public static byte[] Bytes(string markdown, params MimeBundle[] outputs) => Encoding.UTF8.GetBytes(Write(markdown, outputs));

    /// <summary>A chart with three bars.</summary>
    public static MimeBundle Chart { get; } = new(new Dictionary<string, string> { [MimeBundle.Plotly] = """{"data":[{"type":"bar","y":[1,2,3]}],"layout":{"title":{"text":"bars"}}}""" });
}
