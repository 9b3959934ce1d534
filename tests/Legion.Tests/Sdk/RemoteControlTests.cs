using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Legion.Format;
using Legion.Sdk;
using Legion.Tests.Support;

namespace Legion.Tests.Sdk;

/// <summary>A process obeys whoever has the key, for as long as was said, and nobody else.</summary>
[Collection(SdkCollection.Name)]
public sealed class RemoteControlTests : IDisposable
{
    readonly Guid process = Guid.CreateVersion7();
    readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    readonly ManualClock clock = new();
    readonly CommandInbox inbox = new();
    readonly List<string> said = [];
    readonly RemoteControl control;

    public RemoteControlTests()
    {
        var selfLog = new SelfLog(said.Add);
        var options = new TelemetryOptions { MinimumLevel = Level.Info, Levels = { ["Net"] = Level.Error } };
        Verbosity.Set(options.MinimumLevel, options.Levels);
        control = new RemoteControl(inbox, new CommandVerifier(process, CommandKey.Read(key.ExportSubjectPublicKeyInfoPem()), clock, selfLog), options, clock, selfLog);
    }

    public void Dispose()
    {
        Verbosity.Set(Level.Debug, new Dictionary<string, Level>());
        key.Dispose();
    }

    [Fact]
    public void ACommandHoldsForItsTimeAndRevertsByItself()
    {
        Hear(Command(1) with { Levels = new Dictionary<string, Level> { ["Game.Ai"] = Level.Trace }, MinimumLevel = Level.Debug, Sampling = false, BlockAge = TimeSpan.FromSeconds(1) });
        Assert.Equal((Level.Debug, Level.Trace, Level.Trace, Level.Error), (Verbosity.Of("Game"), Verbosity.Of("Game.Ai"), Verbosity.Of("Game.Ai.Paths"), Verbosity.Of("Net.Http")));
        Assert.Equal((TimeSpan.FromSeconds(1), false), (control.BlockAge, control.IsSampling));

        clock.Advance(TimeSpan.FromSeconds(59));
        control.Pass();
        Assert.Equal(Level.Debug, Verbosity.Of("Game"));

        clock.Advance(TimeSpan.FromSeconds(1));
        control.Pass();
        Assert.Equal((Level.Info, Level.Info, Level.Error), (Verbosity.Of("Game"), Verbosity.Of("Game.Ai"), Verbosity.Of("Net.Http")));
        Assert.Equal((TimeSpan.FromSeconds(10), true), (control.BlockAge, control.IsSampling));
        Assert.Contains("expired", said[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void ACommandReplacesTheOneBefore()
    {
        Hear(Command(1) with { MinimumLevel = Level.Trace, Sampling = false });
        Hear(Command(2) with { MinimumLevel = Level.Warn });
        Assert.Equal((Level.Warn, true), (Verbosity.Of("Game"), control.IsSampling));
    }

    [Fact]
    public void NoCommandHoldsLongerThanTheCap()
    {
        Hear(Command(1) with { TimeToLive = TimeSpan.FromHours(10) });
        clock.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromMilliseconds(1));
        control.Pass();
        Assert.Equal(Level.Debug, Verbosity.Of("Game"));
        clock.Advance(TimeSpan.FromMilliseconds(1));
        control.Pass();
        Assert.Equal(Level.Info, Verbosity.Of("Game"));
    }

    [Fact]
    public void AForgedCommandIsRefused()
    {
        using var another = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var right = SignedCommand.Sign(Command(1), key);
        var random = new Random(7);
        Hear(SignedCommand.Sign(Command(1), another));
        for (var flip = 0; flip < 200; flip++)
        {
            var (payload, signature) = (right.Payload.ToArray(), right.Signature.ToArray());
            var bytes = flip % 2 == 0 ? payload : signature;
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            Hear(new SignedCommand(payload, signature));
        }
        Hear(new SignedCommand(right.Payload, new byte[SignedCommand.SignatureBytes]), new SignedCommand(right.Payload, new byte[3]), new SignedCommand(new byte[1 << 20], right.Signature));

        Assert.Equal(Level.Info, Verbosity.Of("Game"));
        Assert.All(said, sentence => Assert.Contains("signature", sentence, StringComparison.Ordinal));
        Assert.InRange(said.Count, 150, 204);

        Hear(right);
        Assert.Equal(Level.Debug, Verbosity.Of("Game"));
    }

    [Fact]
    public void ANumberThatDoesNotRiseIsRefused()
    {
        var first = SignedCommand.Sign(Command(5), key);
        Hear(first);
        Hear(Command(6) with { MinimumLevel = Level.Warn });
        Hear(Command(6) with { MinimumLevel = Level.Trace });
        Hear(Command(4) with { MinimumLevel = Level.Trace });
        Hear(first);
        Assert.Equal(Level.Warn, Verbosity.Of("Game"));
        Assert.Equal(2, said.Count(sentence => sentence.Contains("refused: expected a number above 6", StringComparison.Ordinal)));
    }

    [Fact]
    public void TheSameCommandAgainIsSilentWhileItHoldsAndRefusedOnceItHasExpired()
    {
        var command = SignedCommand.Sign(Command(1), key);
        Hear(command);
        var sentences = said.Count;
        clock.Advance(TimeSpan.FromSeconds(30));
        Hear(command);
        Assert.Equal(sentences, said.Count);

        clock.Advance(TimeSpan.FromSeconds(30));
        control.Pass();
        Hear(command);
        Hear(command);
        Assert.Equal(Level.Info, Verbosity.Of("Game"));
        Assert.Single(said, sentence => sentence.Contains("refused: number 1 was carried out already and has expired", StringComparison.Ordinal));
    }

    [Fact]
    public void ACommandForAnotherProcessIsRefused()
    {
        Hear(Command(1) with { ProcessId = Guid.CreateVersion7() });
        Assert.Equal(Level.Info, Verbosity.Of("Game"));
        Assert.Contains($"this is {process}", Assert.Single(said), StringComparison.Ordinal);
    }

    [Fact]
    public void SignedBytesThatAreNoCommandAreRefused()
    {
        var bytes = Command(1).ToBytes()[..^3];
        Hear(new SignedCommand(bytes, key.SignData(bytes, HashAlgorithmName.SHA256)));
        Assert.Contains("refused: command:", Assert.Single(said), StringComparison.Ordinal);
    }

    [Fact]
    public void AnswersCarryCommandsThroughTheSink()
    {
        var command = SignedCommand.Sign(Command(1), key);
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("commands");
            writer.WriteStringValue("nonsense");
            command.Write(writer);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        using var server = new FakeServer { Nonsense = Encoding.UTF8.GetString(json.ToArray()) };
        var selfLog = new SelfLog(null);
        using (var sink = new HttpSink(server, selfLog, 1 << 20, 1 << 20, new Backoff(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2)), commands: inbox))
        {
            sink.Add(new ProcessRecord { ProcessId = process, Version = 1, StartNs = 1, LastSeenNs = 1 });
            sink.EndPass();
            Assert.True(sink.Flush(TimeSpan.FromSeconds(30)));
        }
        control.Pass();
        Assert.Equal(Level.Debug, Verbosity.Of("Game"));
    }

    [Fact]
    public void ACommandIsReadAsItWasWritten()
    {
        var command = Command(ulong.MaxValue) with
        {
            Levels = new Dictionary<string, Level> { ["A.B"] = Level.Fatal, ["ö"] = Level.Trace }, Sampling = true, BlockAge = TimeSpan.FromMilliseconds(250),
        };
        var read = RemoteCommand.Read(command.ToBytes());
        Assert.Equal(command.Levels, read.Levels);
        Assert.Equal(command, read with { Levels = command.Levels });
    }

    /// <summary>
    /// A payload put together and signed by other programs from FORMAT.md. Where this breaks, commands of one version are not those of another:
    /// what processes in the field are told would be refused.
    /// </summary>
    [Fact]
    public void BytesAndSignatureAreThoseOfTheDocument()
    {
        using var publicKey = CommandKey.Read("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqPyse0iQRukXQOHJtt02NcyXyhHbc0qCB5P1HqDG7pz8hbQxbCR31pTag5NTBOzQ5v8mLYyH4hy7jpAHDIJl2A==");
        var payload = Convert.FromHexString("4c47434d010000000100100000000190a0b0c0d07123844556677889900a0200080000007b6c50c4a0010000030008000000c0270900000000000400080000000500000000000000"
            + "05001c000000010000000700000047616d652e4169020800000001000000000000000600080000000000000000000000070008000000e803000000000000");
        var signed = new SignedCommand(payload, Convert.FromBase64String("jIu6D/8TaURwWy58qJPVwdIi45U8W2GoXi8flSRz4mgBqLEDCT3OVpW8NjVqLRjk4N9F7N7EYPEGBFl/53nFvg=="));

        Assert.True(signed.IsSignedBy(publicKey));
        var command = new RemoteCommand
        {
            ProcessId = Guid.Parse("0190a0b0-c0d0-7123-8445-56677889900a"), Number = 1_790_000_000_123, TimeToLive = TimeSpan.FromMinutes(10), MinimumLevel = Level.Debug,
            Levels = new Dictionary<string, Level> { ["Game.Ai"] = Level.Trace }, Sampling = false, BlockAge = TimeSpan.FromSeconds(1),
        };
        Assert.Equal(Convert.ToHexStringLower(payload), Convert.ToHexStringLower(command.ToBytes()));
    }

    [Fact]
    public void BytesThatAreNoCommandAreInvalidDataAndNothingElse()
    {
        var bytes = (Command(7) with { Levels = new Dictionary<string, Level> { ["A.B"] = Level.Fatal }, Sampling = true, BlockAge = TimeSpan.FromSeconds(1) }).ToBytes();
        var random = new Random(11);
        for (var round = 0; round < 20_000; round++)
        {
            var mutated = bytes[..random.Next(bytes.Length + 1)];
            for (var flips = random.Next(4); flips > 0 && mutated.Length > 0; flips--) mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            try
            {
                RemoteCommand.Read(mutated);
            }
            catch (InvalidDataException)
            {
                // As it should.
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("no key")]
    [InlineData("AAAA")]
    public void AKeyThatIsNoneIsSaidAtTheStart(string text) =>
        Assert.Throws<ArgumentException>(() => Telemetry.Start(new TelemetryOptions { Sink = new MemorySink(), CommandKey = text }));

    [Fact]
    public void APrivateKeyOrOneOfAnotherCurveIsRefused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Assert.Throws<ArgumentException>(() => CommandKey.Read(other.ExportSubjectPublicKeyInfoPem()));
        Assert.Throws<ArgumentException>(() => CommandKey.Read(key.ExportPkcs8PrivateKeyPem()));
        CommandKey.Read(Convert.ToBase64String(key.ExportSubjectPublicKeyInfo())).Dispose();
    }

    RemoteCommand Command(ulong number) => new() { ProcessId = process, Number = number, TimeToLive = TimeSpan.FromMinutes(1), MinimumLevel = Level.Debug };

    void Hear(RemoteCommand command) => Hear(SignedCommand.Sign(command, key));

    void Hear(params SignedCommand[] commands)
    {
        inbox.Add(commands);
        control.Pass();
    }
}
