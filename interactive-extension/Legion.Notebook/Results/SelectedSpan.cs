namespace Legion.Notebook;

/// <summary>A span that somebody selected in a flame chart.</summary>
/// <param name="StreamId">The thread's stream of spans.</param>
/// <param name="Range">When it ran: exactly, or to a step of the tiles where it was selected among many and nothing more was known yet.</param>
public sealed record SelectedSpan(Guid StreamId, long SpanId, string Name, TimeRange Range);

/// <summary>An async span that somebody selected in a flame chart.</summary>
/// <param name="SpanId">As in the view <c>async_spans</c>; of short ones that are drawn as one, the longest.</param>
/// <param name="Range">When it ran: exactly, or to a step of what was drawn as long as nothing more was known.</param>
public sealed record SelectedAsyncSpan(ulong SpanId, string Name, TimeRange Range);
