namespace Legion.Sdk;

/// <summary>Who recorded an event of a merged stream.</summary>
readonly record struct RecordedThread(ulong ThreadId, string ThreadName);
