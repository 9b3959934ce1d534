namespace Legion.Store;

/// <summary>A note on a time of a process.</summary>
/// <param name="StreamId">The thread it is about; null: all.</param>
/// <param name="Name">The name of the spans it is about; null: all.</param>
/// <param name="Note">What somebody wrote.</param>
/// <param name="CreatedNs">When, nanoseconds UTC.</param>
/// <param name="CreatedBy">Who: an account of the machine, or the holder of a key or a token.</param>
public sealed record AnnotationRow(Guid AnnotationId, Guid ProcessId, long BeginNs, long EndNs, Guid? StreamId, string? Name, string Note, long CreatedNs, string CreatedBy);
