namespace Legion.Store;

/// <summary>The disk, the database or somebody else that must be asked refused: nothing was acknowledged, and the same call may succeed later.</summary>
public sealed class StoreUnavailableException(string message, Exception? cause = null) : IOException(message, cause);

/// <summary>There is no lake at the location that was to be read.</summary>
public sealed class LakeNotFoundException(string message) : IOException(message);
