using System.Text;

namespace Legion.Notebook.Grammar;

/// <summary>A magic that cannot run as it was written. The message shows the line with a caret under the place.</summary>
public sealed class MagicException : Exception
{
    /// <param name="line">The line to show.</param>
    /// <param name="linesBefore">Lines of the magic before that one: 0 for its own, more for those of its body.</param>
    internal MagicException(string problem, string line, int column, string? usage, int linesBefore = 0, Exception? cause = null)
        : base(Describe(problem, line, column, usage), cause)
    {
        Problem = problem;
        Column = column;
        Usage = usage;
        LinesBefore = linesBefore;
    }

    /// <summary>What is wrong, in one sentence without a full stop.</summary>
    public string Problem { get; }

    /// <summary>Where on the line, counted from 1.</summary>
    public int Column { get; }

    /// <summary>How many lines after the magic's own the mistake is: 0, or more where it lies in the body.</summary>
    public int LinesBefore { get; }

    /// <summary>How the verb is written; null where no verb was recognised.</summary>
    public string? Usage { get; }

    static string Describe(string problem, string line, int column, string? usage)
    {
        // Tabs are kept in the padding, so that the caret stands below its character at any tab width.
        var padding = new StringBuilder();
        for (var i = 0; i < column - 1; i++)
            padding.Append(i < line.Length && line[i] == '\t' ? '\t' : ' ');
        var text = $"{problem}\n{line}\n{padding}^";
        return usage is null ? text : $"{text}\nusage: {usage}";
    }
}
