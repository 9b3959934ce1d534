namespace Legion.Lakehouse;

/// <summary>What is known of a page that may be published.</summary>
/// <param name="Title">As it says itself; may be empty.</param>
/// <param name="Scripts">As a policy names the scripts that run in it: <c>'sha256-...'</c> of each.</param>
public sealed record ReportContent(string Title, IReadOnlyList<string> Scripts);

/// <summary>Reads a page as whoever writes reports does, who knows the scripts that run in them.</summary>
/// <exception cref="FormatException">It is no report, or something in it runs, loads or leaves that is none of a report's own; the message says what.</exception>
public delegate ReportContent ReportReader(ReadOnlyMemory<byte> html);

/// <summary>A report that was there and is not any more; the message says why.</summary>
public sealed class ReportClosedException(string message) : Exception(message);

/// <summary>A page that is too large to be a report.</summary>
public sealed class ReportTooLargeException(string message) : Exception(message);
