using Legion.Format;

namespace Legion.Ingestion;

/// <summary>What an answer tells the processes of a batch beside what became of their blocks.</summary>
/// <param name="Commands">Those that wait for them.</param>
/// <param name="Watched">Those of them that somebody looks at.</param>
sealed record ProcessNews(IReadOnlyList<SignedCommand> Commands, IReadOnlyList<Guid> Watched)
{
    public static ProcessNews None { get; } = new([], []);
}
