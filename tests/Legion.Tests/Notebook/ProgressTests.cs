using Legion.Kernel.Cells;
using Legion.Notebook.Grammar;
using Legion.Tests.Kernel;

namespace Legion.Tests.Notebook;

/// <summary>A front end can replace what is shown, but not take it away: progress leaves nothing behind.</summary>
public sealed class ProgressTests
{
    [Theory]
    [InlineData("result", "display: 1 of 2\nupdate: 2 of 2\nupdate: result")]
    [InlineData(null, "display: 1 of 2\nupdate: 2 of 2\nupdate:")]
    public async Task TheResultTakesItsPlace(string? result, string outputs)
    {
        using var session = new Session(new Magics().Bind("processes", (_, host, _) =>
        {
            host.Report("1 of 2");
            host.Report("2 of 2");
            host.Report(null);
            return Task.FromResult<object?>(result);
        }));
        foreach (var _ in (int[])[1, 2])
        {
            var cell = await RecordedCell.RunAsync(session, "#!legion processes");
            Assert.Equal(outputs, cell.Text.TrimEnd());
            Assert.Single(cell.Outputs.OfType<DisplayOutput>().Select(output => output.DisplayId).Distinct());
        }
    }

    [Fact]
    public async Task AnErrorClearsIt()
    {
        using var session = new Session(new Magics().Bind("processes", (_, host, _) =>
        {
            host.Report("1 of 2");
            throw new InvalidOperationException("no more");
        }));
        Assert.Equal("display: 1 of 2\nupdate: \nerror: no more", (await RecordedCell.RunAsync(session, "#!legion processes")).Text);
    }
}
