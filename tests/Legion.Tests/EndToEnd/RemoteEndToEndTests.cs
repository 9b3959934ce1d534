using Legion.Tests.Support;

namespace Legion.Tests.EndToEnd;

/// <summary>S3 with MariaDB, two nodes.</summary>
public sealed class RemoteEndToEndTests(S3Gateway gateway, MariaDbServer database) : EndToEndSuite
{
    private protected override Task<LakeUnderTest> NewLakeAsync() => LakeUnderTest.RemoteAsync(gateway, database);
}
