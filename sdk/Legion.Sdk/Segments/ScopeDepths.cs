namespace Legion.Sdk;

/// <summary>
/// Which scopes of a thread are open, and which of them were lost at their begin: the end of such a one must not be recorded,
/// or it would end another.
/// </summary>
struct ScopeDepths
{
    int[]? lost;
    int lostCount;
    int lostTop;

    /// <summary>Open scopes, lost ones included; the depth of the innermost.</summary>
    public int Open;

    /// <summary>True if the innermost scope is this one and its begin was recorded.</summary>
    public readonly bool IsInnermostRecorded(int depth) => depth == Open && depth != lostTop;

    public readonly bool IsLost(int depth) => depth == lostTop;

    /// <summary>Notes that the begin of the innermost scope was lost.</summary>
    public void Lose()
    {
        lost ??= new int[8];
        if (lostCount == lost.Length) Array.Resize(ref lost, 2 * lostCount);
        lost[lostCount++] = Open;
        lostTop = Open;
    }

    /// <summary>Takes back the note for the innermost scope.</summary>
    public void Regain()
    {
        lostCount--;
        lostTop = lostCount == 0 ? 0 : lost![lostCount - 1];
    }
}
