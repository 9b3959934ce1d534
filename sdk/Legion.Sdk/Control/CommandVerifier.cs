using System.Security.Cryptography;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Tells commands that this process must obey from all others. A server repeats a command with each answer until its time is over,
/// so the same bytes again are silently passed over for as long as the command holds; everything else that is refused is reported once.
/// </summary>
sealed class CommandVerifier(Guid processId, ECDsa key, TimeProvider clock, SelfLog selfLog)
{
    /// <summary>Refusals that are remembered, so that none is reported with each answer; forgotten all together when there are more.</summary>
    const int MostRemembered = 256;

    readonly Dictionary<string, (long At, TimeSpan Time)> accepted = [];
    readonly HashSet<string> refused = [];
    ulong? lastNumber;

    /// <returns>The command, its time to live not above the cap; null where there is nothing to do.</returns>
    public RemoteCommand? Accept(SignedCommand signed)
    {
        var digest = Convert.ToHexString(signed.Digest());
        if (refused.Contains(digest)) return null;
        if (accepted.TryGetValue(digest, out var held) && clock.GetElapsedTime(held.At) < held.Time) return null;
        try
        {
            var command = Verify(signed, isKnown: accepted.Remove(digest));
            lastNumber = command.Number;
            accepted[digest] = (clock.GetTimestamp(), command.TimeToLive);
            return command;
        }
        catch (InvalidDataException cause)
        {
            if (refused.Count == MostRemembered) refused.Clear();
            refused.Add(digest);
            selfLog.Report($"a remote command was refused: {cause.Message}");
            return null;
        }
    }

    RemoteCommand Verify(SignedCommand signed, bool isKnown)
    {
        // Before anything in it is read: what nobody has signed may be anything.
        if (!IsSigned(signed)) throw new InvalidDataException("its signature is not that of the key in CommandKey");
        var command = RemoteCommand.Read(signed.Payload.Span);
        if (command.ProcessId != processId) throw new InvalidDataException($"it is for process {command.ProcessId}, this is {processId}");
        if (isKnown) throw new InvalidDataException($"number {command.Number} was carried out already and has expired");
        if (command.Number <= lastNumber) throw new InvalidDataException($"expected a number above {lastNumber}, saw {command.Number}");
        return command.TimeToLive <= RemoteCommand.LongestTimeToLive ? command : command with { TimeToLive = RemoteCommand.LongestTimeToLive };
    }

    bool IsSigned(SignedCommand signed)
    {
        try
        {
            return signed.IsSignedBy(key);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
