namespace Legion.Store;

/// <summary>The stored blocks of a stream, summed up.</summary>
/// <param name="Bytes">As stored, headers included.</param>
/// <param name="RawBytes">Of the uncompressed contents.</param>
/// <param name="BeginNs">First event, nanoseconds UTC.</param>
/// <param name="EndNs">Last event, nanoseconds UTC.</param>
public readonly record struct StreamSums(Guid StreamId, long Blocks, long Events, long Bytes, long RawBytes, long BeginNs, long EndNs);
