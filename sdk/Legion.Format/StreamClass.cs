namespace Legion.Format;

/// <summary>What a stream carries; fixed for its life. Ingestion files blocks by it without decoding them. The numbers are those of the wire.</summary>
public enum StreamClass : byte
{
    /// <summary>Spans of one thread, ordered in ticks.</summary>
    Trace = 0,

    /// <summary>Metrics of all threads, merged.</summary>
    Metric = 1,

    /// <summary>Logs of all threads, merged.</summary>
    Log = 2,

    /// <summary>One type of user-defined event, or attachments, merged.</summary>
    Other = 3,
}
