namespace Legion.Notebook;

/// <summary>What stands for a process in a notebook.</summary>
static class ProcessReference
{
    /// <summary>The id of a process, or of what has one; null where the value is something else.</summary>
    public static Guid? Id(object? value) => value switch
    {
        Guid id => id,
        LakeProcess process => process.ProcessId,
        ProcessList { Count: > 0 } list => list.Selection.ProcessId,
        FlameView flame => flame.Process,
        LogView log => log.Process,
        Series series => series.Process,
        MetricExplorer explorer => explorer.Process,
        CallGraph graph => graph.Process,
        ImportedFile { Processes.Count: > 0 } file => file.Selection,
        string text when Guid.TryParse(text, out var id) => id,
        _ => null,
    };
}
