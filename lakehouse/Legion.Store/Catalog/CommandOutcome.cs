namespace Legion.Store;

/// <summary>What became of a command that was to wait for its process.</summary>
public enum CommandOutcome
{
    Stored,

    /// <summary>No such process has sent anything.</summary>
    UnknownProcess,

    /// <summary>The process has ended, and hears nothing more.</summary>
    Ended,

    /// <summary>As many commands as may wait for one process do.</summary>
    TooMany,
}
