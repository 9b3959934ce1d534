using Legion.Store;

namespace Legion.Tests.Store;

public sealed class LakeLocationTests
{
    const string Catalog = "mysql://user:password@host/legion";

    [Theory]
    [InlineData("lake")]
    [InlineData("file:lake")]
    public void ALocationIsAFolder(string text)
    {
        var location = LakeLocation.Parse(text);
        Assert.Equal((Path.GetFullPath("lake"), null, null), (location.Folder, location.S3, location.Catalog));
        Assert.Equal(Path.GetFullPath("lake"), location.ToString());
    }

    [Theory]
    [InlineData("s3://bucket", "", "s3://bucket")]
    [InlineData("s3://bucket/", "", "s3://bucket")]
    [InlineData("S3://bucket/lakes/one/", "lakes/one/", "s3://bucket/lakes/one")]
    public void ALocationIsABucketAndAPrefixAndHasACatalog(string text, string prefix, string shown)
    {
        var settings = new S3Settings { Endpoint = new Uri("http://localhost:9000"), Checksum = S3Checksum.WhenRequired };
        var location = LakeLocation.Parse(text, Catalog, () => settings);

        Assert.Null(location.Folder);
        Assert.Equal(new S3Location("bucket", prefix, settings), location.S3);
        Assert.Equal("legion", location.Catalog!.Database);
        Assert.Equal(shown, location.ToString());
    }

    [Fact]
    public void AFolderMayHaveItsCatalogElsewhere() => Assert.Equal("host", LakeLocation.Parse("lake", Catalog).Catalog!.Host);

    [Theory]
    [InlineData("", null)]
    [InlineData("file:", null)]
    [InlineData("s3://bucket/prefix", null)]
    [InlineData("s3://", Catalog)]
    [InlineData("s3:bucket", Catalog)]
    [InlineData("s3://bucket/a//b", Catalog)]
    [InlineData("s3://bucket/../b", Catalog)]
    [InlineData("lake", "host/legion")]
    public void WhatIsNoLocationIsRefused(string text, string? catalog) => Assert.Throws<FormatException>(() => LakeLocation.Parse(text, catalog));

    [Theory]
    [InlineData("mysql://user:password@host:3307/legion", "host", 3307, "user", "password", "legion", "mysql://user@host:3307/legion")]
    [InlineData("mysql://user@host/legion", "host", 3306, "user", "", "legion", "mysql://user@host:3306/legion")]
    [InlineData("mysql://a%40b:p%3Aw%2F%40@host/legion", "host", 3306, "a@b", "p:w/@", "legion", "mysql://a%40b@host:3306/legion")]
    [InlineData("mysql://user:pass:word@[::1]:3307/legion", "::1", 3307, "user", "pass:word", "legion", "mysql://user@[::1]:3307/legion")]
    public void ACatalogsAddressIsReadAndShownWithoutItsPassword(string text, string host, int port, string user, string password, string database, string shown)
    {
        var address = CatalogAddress.Parse(text);
        Assert.Equal(new CatalogAddress(host, port, user, password, database), address);
        Assert.Equal(shown, address.ToString());
    }

    [Theory]
    [InlineData("postgres://user:secret@host/legion")]
    [InlineData("mysql://user:secret@host")]
    [InlineData("mysql://user:secret@host/")]
    [InlineData("mysql://user:secret@host/a/b")]
    [InlineData("mysql://:secret@host/legion")]
    [InlineData("mysql://user:secret@host:port/legion")]
    [InlineData("mysql://user:secret#1@host/legion")]
    [InlineData("mysql://user:secret?1@host/legion")]
    [InlineData("mysql://user:secret@host/legion?ssl=no")]
    public void ARefusedAddressShowsNoPassword(string text) =>
        Assert.DoesNotContain("secret", Assert.Throws<FormatException>(() => CatalogAddress.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("when-required", S3Checksum.WhenRequired)]
    [InlineData("when_required", S3Checksum.WhenRequired)]
    [InlineData("WHEN_SUPPORTED", S3Checksum.WhenSupported)]
    public void AChecksumModeIsReadAsOptionsAndVariablesWriteIt(string text, S3Checksum mode) => Assert.Equal(mode, S3Settings.ParseChecksum(text));
}
