using System.CommandLine;
using System.Globalization;
using Legion.Cli.Control;
using Legion.Sdk;

namespace Legion.Cli.Commands;

/// <summary><c>legion spool send DIR</c>: uploads what dead processes left behind.</summary>
static class SpoolCommand
{
    /// <summary>Long enough for a server that is being restarted, short enough for somebody who has mistyped its address.</summary>
    static readonly TimeSpan patience = TimeSpan.FromSeconds(10);

    public static Command Create() => new("spool", "What recording programs keep on disk until a server has it.") { Send() };

    static Command Send()
    {
        var folder = new Argument<string>("DIR") { Description = "a spool, or the folder of one process in it" };
        var url = new Option<string>("--url") { Description = "the server", HelpName = "U", DefaultValueFactory = _ => ServeCommand.DefaultUrls };
        var command = new Command("send", $"Uploads what dead processes left behind; sends {ServiceKey.Variable} as key where that is set.") { folder, url };
        command.SetAction((parsed, cancellation) =>
        {
            var path = parsed.GetRequiredValue(folder);
            if (!Uri.TryCreate(parsed.GetRequiredValue(url), UriKind.Absolute, out var server) || server.Scheme is not ("http" or "https"))
                throw CommandFailure.Usage($"cannot send to '{parsed.GetRequiredValue(url)}': expected a URL such as {ServeCommand.DefaultUrls}");
            if (!Directory.Exists(path)) throw CommandFailure.NotFound($"cannot send '{path}': no such folder");
            // One that is empty has been sent: whoever asks time and again is told that nothing is left.
            var isEmpty = !Directory.EnumerateFileSystemEntries(path).Any();
            var sent = Send(path, server, cancellation);
            if (!isEmpty && sent is { Processes: 0, Skipped: 0 }) throw CommandFailure.NotFound($"cannot send '{path}': it is no spool, as no process has a folder in it");
            Print(parsed.InvocationConfiguration.Output, sent);
            if (sent.Refused > 0) throw CommandFailure.Failed($"sent '{path}' in part: the server refused {sent.Refused} blocks, which are gap records now");
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    /// <exception cref="IOException">The server could not be reached, or does not accept the key.</exception>
    static SpoolCounts Send(string folder, Uri server, CancellationToken cancellation)
    {
        var key = ServiceKey.Find();
        var showProgress = !Console.IsErrorRedirected;
        try
        {
            return Spool.Send(folder, server, key, sentence => Console.Error.WriteLine("legion: " + sentence), patience, showProgress ? ShowProgress : null, cancellation);
        }
        finally
        {
            if (showProgress) Console.Error.Write("\r\u001b[K");
        }
    }

    static void ShowProgress(SpoolCounts sent) => Console.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r\u001b[Ksending: {sent.Blocks} blocks, {sent.Bytes >> 10} KiB"));

    static void Print(TextWriter output, SpoolCounts sent)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"sent {sent.Processes} processes, {sent.Blocks} blocks, {sent.Events} events, {sent.Bytes} bytes"));
        if (sent.Skipped > 0) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"left {sent.Skipped} processes alone, which live or cannot be read"));
    }
}
