using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Legion.Kernel;
using Legion.Kernel.Cells;
using Legion.Kernel.Jupyter;
using Legion.Notebook.Grammar;
using NetMQ;
using NetMQ.Sockets;

namespace Legion.Tests.Kernel;

/// <summary>A front end, written against Jupyter's protocol and not against the kernel's code.</summary>
sealed class KernelClient : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("legion-client-");
    readonly string _key = Guid.NewGuid().ToString();
    readonly DealerSocket _shell = new();
    readonly DealerSocket _control = new();
    readonly DealerSocket _heartbeat = new();
    readonly SubscriberSocket _ioPub = new();

    public KernelClient()
        : this(file => KernelProcess.RunAsync(file, new Magics()))
    {
    }

    /// <param name="magics">Of the session.</param>
    /// <param name="modules">The modules of live cells that the kernel was installed with.</param>
    public KernelClient(Magics magics, params IEnumerable<string> modules)
        : this(async file =>
        {
            using var session = new Session(magics);
            await new JupyterKernel(ConnectionFile.Read(file), session, modules.ToDictionary(module => module, module => $"{module}.js")).RunAsync(CancellationToken.None);
        })
    {
    }

    KernelClient(Func<string, Task> run)
    {
        var ports = FreePorts(5);
        var file = Path.Combine(_folder.FullName, "connection.json");
        File.WriteAllText(file, new JsonObject
        {
            ["transport"] = "tcp", ["ip"] = "127.0.0.1", ["signature_scheme"] = "hmac-sha256", ["key"] = _key,
            ["shell_port"] = ports[0], ["control_port"] = ports[1], ["iopub_port"] = ports[2], ["stdin_port"] = ports[3], ["hb_port"] = ports[4],
        }.ToJsonString());
        Kernel = run(file);
        _shell.Connect($"tcp://127.0.0.1:{ports[0]}");
        _control.Connect($"tcp://127.0.0.1:{ports[1]}");
        _ioPub.Connect($"tcp://127.0.0.1:{ports[2]}");
        _heartbeat.Connect($"tcp://127.0.0.1:{ports[4]}");
        _ioPub.SubscribeToAnyTopic();
        // A subscription takes effect some time after it was made, which only a message that arrives can tell.
        while (!_ioPub.TryReceiveFrameString(TimeSpan.FromMilliseconds(200), out _))
        {
            Ask("kernel_info_request", []);
            Reply();
        }
        _ioPub.ReceiveMultipartMessage();
        DrainIoPub();
    }

    /// <summary>Ends when the kernel does.</summary>
    public Task Kernel { get; }

    public string Ask(string type, JsonObject content, string? key = null) => Send(_shell, type, content, key ?? _key);

    public string Command(string type, JsonObject content) => Send(_control, type, content, _key);

    public (string Type, JsonNode Content) Reply() => Receive(_shell);

    public (string Type, JsonNode Content) CommandReply() => Receive(_control);

    public (string Type, JsonNode Content, string? Parent) Published()
    {
        var message = ReceiveAll(_ioPub);
        return (message.Type, message.Content, message.Parent);
    }

    /// <summary>The next message to a cell, with its buffers; what else is published before it is passed over.</summary>
    public (string Type, JsonNode Content, IReadOnlyList<byte[]> Buffers) PublishedToCell()
    {
        while (true)
            if (ReceiveAll(_ioPub) is var (type, content, _, buffers) && type is "comm_msg" or "comm_close")
                return (type, content, buffers);
    }

    /// <summary>What was published for a request, up to its idle.</summary>
    public List<(string Type, JsonNode Content)> PublishedFor(string request)
    {
        var published = new List<(string, JsonNode)>();
        while (true)
        {
            var (type, content, parent) = Published();
            if (parent != request)
                continue;
            published.Add((type, content));
            if (type == "status" && content["execution_state"]!.GetValue<string>() == "idle")
                return published;
        }
    }

    public string Heartbeat(string text)
    {
        _heartbeat.SendFrame(text);
        return _heartbeat.TryReceiveFrameString(Patience, out var echo) ? echo : throw new TimeoutException("no heartbeat");
    }

    public void Dispose()
    {
        foreach (var socket in (NetMQSocket[])[_shell, _control, _heartbeat, _ioPub])
        {
            socket.Options.Linger = TimeSpan.Zero;
            socket.Dispose();
        }
        _folder.Delete(recursive: true);
    }

    void DrainIoPub()
    {
        var last = Ask("comm_info_request", []);
        Reply();
        PublishedFor(last);
    }

    static string Send(NetMQSocket socket, string type, JsonObject content, string key)
    {
        var id = Guid.NewGuid().ToString();
        string[] parts =
        [
            new JsonObject { ["msg_id"] = id, ["msg_type"] = type, ["session"] = "s", ["username"] = "u", ["version"] = "5.3", ["date"] = "2026-01-01T00:00:00Z" }.ToJsonString(),
            "{}", "{}", content.ToJsonString(),
        ];
        var message = new NetMQMessage();
        message.Append("<IDS|MSG>");
        message.Append(Sign(parts, key));
        foreach (var part in parts)
            message.Append(part, Encoding.UTF8);
        socket.SendMultipartMessage(message);
        return id;
    }

    (string Type, JsonNode Content) Receive(NetMQSocket socket)
    {
        var message = ReceiveAll(socket);
        return (message.Type, message.Content);
    }

    (string Type, JsonNode Content, string? Parent, IReadOnlyList<byte[]> Buffers) ReceiveAll(NetMQSocket socket)
    {
        var message = new NetMQMessage();
        if (!socket.TryReceiveMultipartMessage(Patience, ref message))
            throw new TimeoutException("the kernel sent nothing");
        var frames = message.Select(frame => frame.ConvertToString(Encoding.UTF8)).ToList();
        var at = frames.IndexOf("<IDS|MSG>");
        var parts = frames.Skip(at + 2).Take(4).ToArray();
        if (frames[at + 1] != Sign(parts, _key))
            throw new InvalidDataException("the kernel's signature is wrong");
        return (JsonNode.Parse(parts[0])!["msg_type"]!.GetValue<string>(), JsonNode.Parse(parts[3])!, JsonNode.Parse(parts[1])!["msg_id"]?.GetValue<string>(), message.Skip(at + 6).Select(frame => frame.ToByteArray()).ToList());
    }

    static string Sign(string[] parts, string key) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(string.Concat(parts))));

    static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        listeners.ForEach(listener => listener.Stop());
        return ports;
    }
}
