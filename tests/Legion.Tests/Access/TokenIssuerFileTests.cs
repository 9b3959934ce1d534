using Legion.Cli;
using Legion.Cli.Serving.Tokens;

namespace Legion.Tests.Access;

/// <summary>The file of <c>legion serve --oidc</c>.</summary>
public sealed class TokenIssuerFileTests : IDisposable
{
    readonly string file = Path.GetTempFileName();

    public void Dispose() => File.Delete(file);

    [Fact]
    public void WhatIsLeftOutIsWhatIsUsual()
    {
        var issuer = Assert.Single(Read("""{"issuers": [{"issuer": "https://a.example/r", "audience": "legion", "role": {"value": "read"}}]}"""));
        Assert.Equal(("https://a.example/r", "legion", new Uri("https://a.example/r/.well-known/openid-configuration")), (issuer.Name, issuer.Audience, issuer.Metadata));
        Assert.Equal(["RS256", "ES256", "PS256"], issuer.Algorithms);
        Assert.Equal((ClaimRule.Always("read"), ClaimRule.Always("default")), (issuer.Role, issuer.Tenant));
    }

    [Fact]
    public void AllOfItCanBeSaid()
    {
        var issuers = Read("""
            {"issuers": [
              {"issuer": "https://a.example", "audience": "legion", "metadata": "http://localhost:1234/meta", "algorithms": ["ES384"],
               "role": {"claim": "groups", "values": {"ops": "admin", "dev": "read"}}, "tenant": {"claim": "org"}},
              {"issuer": "b", "audience": "legion", "metadata": "https://b.example/meta", "role": {"claim": "role"}, "tenant": {"value": "b"}}  // a comment
            ]}
            """);
        Assert.Equal([new("ops", "admin"), new("dev", "read")], issuers[0].Role.Table!);
        Assert.Equal((new ClaimRule(null, "org", null), ClaimRule.Always("b")), (issuers[0].Tenant, issuers[1].Tenant));
        Assert.Equal(["ES384"], issuers[0].Algorithms);
    }

    [Theory]
    [InlineData("", "JSON")]
    [InlineData("[]", "JSON")]
    [InlineData("null", "saw null")]
    [InlineData("""{"issuers": []}""", "at least one issuer")]
    [InlineData("""{"issuers": [{"issuer": "https://a", "role": {"value": "read"}}]}""", "audience")]
    [InlineData("""{"issuers": [{"issuer": "https://a", "audience": "", "role": {"value": "read"}}]}""", "audience")]
    [InlineData("""{"issuers": [{"issuer": "https://a", "audience": "l"}]}""", "role")]
    [InlineData("""{"issuers": [{"issuer": "https://a", "audience": "l", "role": {}}]}""", "expected role with a value, or with a claim")]
    [InlineData("""{"issuers": [{"issuer": "https://a", "audience": "l", "role": {"value": "root"}}]}""", "saw 'root'")]
    [InlineData("""{"issuers": [{"issuer": "https://a", "audience": "l", "role": {"claim": "r", "values": {"x": "root"}}}]}""", "saw 'root'")]
    [InlineData("""{"issuers": [{"issuer": "https://a", "audience": "l", "role": {"value": "read"}, "tenant": {"value": "A B"}}]}""", "A B")]
    [InlineData("""{"issuers": [{"issuer": "http://a.example", "audience": "l", "role": {"value": "read"}}]}""", "begins with https")]
    [InlineData("""{"issuers": [{"issuer": "https://a", "audience": "l", "role": {"value": "read"}, "algorithms": ["HS256"]}]}""", "expected algorithms of")]
    [InlineData("""{"issuers": [{"issuer": "https://a", "audience": "l", "role": {"value": "read"}, "algorithms": ["none"]}]}""", "expected algorithms of")]
    [InlineData("""{"issuers": [{"issuer": "https://a", "audience": "l", "role": {"value": "read"}, "algorithm": []}]}""", "algorithm")]
    [InlineData("""{"issuers": [{"issuer": "https://a", "audience": "l", "role": {"value": "read"}}, {"issuer": "https://a", "audience": "m", "role": {"value": "read"}}]}""", "is there twice")]
    public void WhatCannotBeIsSaidInASentence(string text, string expected)
    {
        var failure = Assert.Throws<CommandFailure>(() => Read(text));
        Assert.StartsWith($"cannot use '{file}' as --oidc: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, failure.ExitCode);
    }

    IReadOnlyList<TokenIssuer> Read(string text)
    {
        File.WriteAllText(file, text);
        return TokenIssuerFile.Read(file);
    }
}
