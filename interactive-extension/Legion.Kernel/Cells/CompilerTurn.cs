namespace Legion.Kernel.Cells;

/// <summary>
/// One compilation of the process at a time. The compiler makes the symbols of a referenced assembly once and shares them among
/// compilations; two that begin at the same moment make them twice, and from then on a cell may take the <c>List</c> of the cell
/// before it for another type than its own.
/// </summary>
static class CompilerTurn
{
    static readonly SemaphoreSlim Turn = new(1, 1);

    public static T Run<T>(Func<T> compile, CancellationToken cancel)
    {
        Turn.Wait(cancel);
        try
        {
            return compile();
        }
        finally
        {
            Turn.Release();
        }
    }

    public static async Task<T> RunAsync<T>(Func<Task<T>> compile, CancellationToken cancel)
    {
        await Turn.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            return await compile().ConfigureAwait(false);
        }
        finally
        {
            Turn.Release();
        }
    }
}
