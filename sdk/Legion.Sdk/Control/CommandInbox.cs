using Legion.Format;

namespace Legion.Sdk;

/// <summary>Commands on their way from the thread that hears of them to the flusher's.</summary>
sealed class CommandInbox
{
    /// <summary>A server that sends more in a pass than anybody needs is not listened to.</summary>
    public const int Most = 32;

    readonly Lock adding = new();
    readonly List<SignedCommand> commands = [];

    public void Add(IReadOnlyList<SignedCommand> heard)
    {
        if (heard.Count == 0) return;
        lock (adding) commands.AddRange(heard.Take(Most - commands.Count));
    }

    public SignedCommand[] TakeAll()
    {
        lock (adding)
        {
            if (commands.Count == 0) return [];
            var taken = commands.ToArray();
            commands.Clear();
            return taken;
        }
    }
}
