using System.Security.Cryptography;
using Legion.Store;

namespace Legion.Tests.Store;

public abstract partial class CatalogContract
{
    [Fact]
    public async Task AKeyComesBackAsItWasAddedAndOverAllTenants()
    {
        var (first, second) = (Key("aa", new Tenant("one")), Key("bb", Tenant.Default) with { ExpiresNs = null, CreatedNs = 6, Name = "" });
        foreach (var key in (KeyRow[])[second, first]) await Catalog.AddKeyAsync(key, "somebody", Cancellation);
        AssertSame(first, await Catalog.FindKeyAsync("aa", Cancellation));
        AssertSame(second, await Catalog.FindKeyAsync("bb", Cancellation));
        Assert.Null(await Catalog.FindKeyAsync("cc", Cancellation));
        Assert.Equal(["aa", "bb"], (await Catalog.ReadKeysAsync(null, Cancellation)).Select(key => key.KeyId));
        Assert.Equal("bb", Assert.Single(await Catalog.ReadKeysAsync(Tenant.Default, Cancellation)).KeyId);
        Assert.Empty(await Catalog.ReadKeysAsync(new Tenant("two"), Cancellation));
    }

    [Fact]
    public async Task WhatIsDoneToAKeyTwiceIsAuditedOnce()
    {
        var key = Key("aa", new Tenant("one"));
        for (var i = 0; i < 2; i++) await Catalog.AddKeyAsync(key, "ada", Cancellation);
        var revoked = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            await Task.Yield();
            return await Open().RevokeKeyAsync("aa", 100, $"{i}", Cancellation);
        }));
        Assert.All(revoked, Assert.True);
        Assert.False(await Catalog.RevokeKeyAsync("bb", 100, "nobody", Cancellation));

        AssertSame(key with { RevokedNs = 100 }, await Catalog.FindKeyAsync("aa", Cancellation));
        var audit = await Catalog.ReadAuditAsync(null, Cancellation);
        Assert.Equal([("key.create", 5L, "aa"), ("key.revoke", 100L, "aa")], audit.Select(row => (row.Action, row.AtNs, row.Subject)));
        Assert.Equal(("ada", """{"expires_ns":50,"name":"for tests","role":"read"}"""), (audit[0].Actor, audit[0].Detail));
        Assert.Equal(audit, await Catalog.ReadAuditAsync(new Tenant("one"), Cancellation));
        Assert.Empty(await Catalog.ReadAuditAsync(Tenant.Default, Cancellation));
    }

    static KeyRow Key(string id, Tenant tenant) => new()
    {
        KeyId = id, Tenant = tenant, Role = KeyRole.Read, Hash = SHA256.HashData([1]), Name = "for tests", CreatedNs = 5, ExpiresNs = 50,
    };

    static void AssertSame(KeyRow expected, KeyRow? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Hash.ToArray(), actual.Hash.ToArray());
        Assert.Equal(expected with { Hash = default }, actual with { Hash = default });
    }
}
