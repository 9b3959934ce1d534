using Legion.Format;
using Legion.Store;

namespace Legion.Tests.Store;

/// <summary>Stored lakes rely on these names; a failing case here means that they would no longer be found.</summary>
public sealed class StoreNamesTests
{
    static readonly Guid Process = new("018bcfe5-6800-7000-8000-000000000001");
    static readonly Guid Id = new("018bcfe5-6800-7000-8000-000000000002");

    [Fact]
    public void KeysBeginWithWhatIsDroppedWhole()
    {
        Assert.Equal("blocks/2023-11-14/default/trace/018bcfe5-6800-7000-8000-000000000001/018bcfe5-6800-7000-8000-000000000002",
            StoreNames.BlocksObject(19675, Tenant.Default, StreamClass.Trace, Process, Id));
        Assert.Equal("views/spans/v=3/tenant=acme/date=2023-11-14/process_id=018bcfe5-6800-7000-8000-000000000001/000007-018bcfe5680070008000000000000002.parquet",
            StoreNames.ViewFile("spans", 3, new Tenant("acme"), 19675, Process, 7, Id));
    }

    [Theory]
    [InlineData(StreamClass.Trace, "trace")]
    [InlineData(StreamClass.Metric, "metric")]
    [InlineData(StreamClass.Log, "log")]
    [InlineData(StreamClass.Other, "other")]
    public void ClassesAreNamed(StreamClass streamClass, string name) => Assert.Equal(name, StoreNames.Class(streamClass));

    [Theory]
    [InlineData(19675, "018bcfe5-6800-7000-8000-000000000001", 19675)] // the id's own day
    [InlineData(19700, "018bcfe5-6800-7000-8000-000000000001", 19675)] // spooled for weeks
    [InlineData(20000, "018bcfe5-6800-7000-8000-000000000001", 20000)] // older than any spool
    [InlineData(19000, "018bcfe5-6800-7000-8000-000000000001", 19000)] // a clock that runs ahead
    [InlineData(19675, "00000000-0000-7000-8000-000000000001", 19675)] // a clock that was never set
    [InlineData(19675, "ffffffff-ffff-7fff-bfff-ffffffffffff", 19675)]
    [InlineData(19675, "6fa459ea-ee8a-4ca4-894e-db77e160355e", 19675)] // no time in it
    public void ABlockIsFiledUnderTheDayOfItsIdWhereThatIsPlausible(int registeredDay, string blockId, int day) =>
        Assert.Equal(day, BlockDay.Of(new Guid(blockId), registeredDay * 86_400_000_000_000L));

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("Acme")]
    public void ATenantIsSafeInAPath(string name) => Assert.Throws<FormatException>(() => new Tenant(name));

    [Fact]
    public void TheDefaultTenantIsOneWhateverWayItIsWritten() => Assert.Equal(Tenant.Default, new Tenant("default"));

    [Fact]
    public void PropertiesAreJsonWithSortedKeys()
    {
        Property[] properties =
        [
            new("z", 1L), new("a", "<b> \"q\" é"), new("m", true), new("n", double.NaN), new("f", 0.5), new("u", Value.Of(ulong.MaxValue)),
            new("bytes", Value.Of(new byte[] { 1, 2 })), new("none", Value.Null), new("z", 2L),
        ];
        Assert.Equal("""{"a":"<b> \"q\" é","bytes":"AQI=","f":0.5,"m":true,"n":"NaN","none":null,"u":18446744073709551615,"z":2}""", PropertyJson.Of(properties));
        Assert.Equal("{}", PropertyJson.Of(Array.Empty<Property>()));
        Assert.Equal("""["x","y"]""", PropertyJson.Of((string[])["x", "y"]));
    }

    [Fact]
    public void OpeningALakeThatIsNotThereSaysHowToCreateOne()
    {
        var folder = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
        Assert.Contains("legion import", Assert.Throws<LakeNotFoundException>(() => LakeStore.Open(LakeLocation.Parse(folder))).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
    }
}
