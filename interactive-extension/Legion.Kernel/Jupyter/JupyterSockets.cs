using NetMQ;
using NetMQ.Sockets;

namespace Legion.Kernel.Jupyter;

enum JupyterChannel
{
    Shell,
    Control,
    Stdin,
    IoPub,
}

/// <summary>
/// The five sockets of a kernel, on a thread of their own: ZeroMQ sockets belong to one thread, and a
/// heartbeat must be answered and an interrupt heard whatever a cell does.
/// </summary>
sealed class JupyterSockets : IDisposable
{
    // Replies on their way when the kernel stops; a front end on this machine has them long before.
    static readonly TimeSpan Linger = TimeSpan.FromSeconds(1);

    readonly RouterSocket _shell = new();
    readonly RouterSocket _control = new();
    readonly RouterSocket _stdin = new();
    readonly PublisherSocket _ioPub = new();
    readonly RouterSocket _heartbeat = new();
    readonly NetMQQueue<(JupyterChannel Channel, NetMQMessage? Frames)> _outbox = new();
    readonly NetMQPoller _poller;
    readonly MessageSignature _signature;

    /// <param name="received">Called on the sockets' thread; must return at once.</param>
    /// <param name="refused">A message that was no message, or not signed with our key.</param>
    public JupyterSockets(ConnectionFile connection, Action<JupyterChannel, JupyterMessage> received, Action<string> refused)
    {
        _signature = new MessageSignature(connection.Key);
        Bind(_shell, connection.ShellPort);
        Bind(_control, connection.ControlPort);
        Bind(_stdin, connection.StdinPort);
        Bind(_ioPub, connection.IoPubPort);
        Bind(_heartbeat, connection.HeartbeatPort);
        // Nothing an application published may be dropped because a front end reads slowly.
        _ioPub.Options.SendHighWatermark = 0;

        _shell.ReceiveReady += (_, _) => Receive(_shell, JupyterChannel.Shell);
        _control.ReceiveReady += (_, _) => Receive(_control, JupyterChannel.Control);
        _stdin.ReceiveReady += (_, _) => Receive(_stdin, JupyterChannel.Stdin);
        _heartbeat.ReceiveReady += (_, _) => _heartbeat.SendMultipartMessage(_heartbeat.ReceiveMultipartMessage());
        _outbox.ReceiveReady += (_, _) => SendAll();
        _poller = [_shell, _control, _stdin, _heartbeat, _outbox];

        void Bind(NetMQSocket socket, int port)
        {
            socket.Options.Linger = Linger;
            socket.Bind(connection.Address(port));
        }

        void Receive(NetMQSocket socket, JupyterChannel channel)
        {
            var frames = socket.ReceiveMultipartMessage();
            try
            {
                received(channel, JupyterMessage.Read(frames, _signature));
            }
            catch (InvalidDataException e)
            {
                refused(e.Message);
            }
        }
    }

    public void Start() => _poller.RunAsync("jupyter sockets");

    /// <summary>From any thread.</summary>
    public void Send(JupyterChannel channel, JupyterMessage message) => _outbox.Enqueue((channel, message.Write(_signature)));

    /// <summary>Ends the sockets' thread after what was sent before this call.</summary>
    public void Stop() => _outbox.Enqueue((default, null));

    public void Dispose()
    {
        _poller.Dispose();
        _outbox.Dispose();
        foreach (var socket in (NetMQSocket[])[_shell, _control, _stdin, _ioPub, _heartbeat])
            socket.Dispose();
    }

    void SendAll()
    {
        while (_outbox.TryDequeue(out var item, TimeSpan.Zero))
        {
            if (item.Frames is null)
            {
                _poller.StopAsync();
                return;
            }
            NetMQSocket socket = item.Channel switch
            {
                JupyterChannel.Shell => _shell,
                JupyterChannel.Control => _control,
                JupyterChannel.Stdin => _stdin,
                _ => _ioPub,
            };
            socket.SendMultipartMessage(item.Frames);
        }
    }
}
