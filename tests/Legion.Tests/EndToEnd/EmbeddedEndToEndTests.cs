namespace Legion.Tests.EndToEnd;

/// <summary>A folder with SQLite, one node.</summary>
public sealed class EmbeddedEndToEndTests : EndToEndSuite
{
    private protected override Task<LakeUnderTest> NewLakeAsync() => Task.FromResult(LakeUnderTest.Embedded());
}
