using System.Text.Json;
using System.Text.Json.Serialization;

namespace Legion.Kernel.Jupyter;

/// <summary>What Jupyter tells a kernel about its sockets.</summary>
/// <remarks>https://jupyter-client.readthedocs.io/en/stable/kernels.html#connection-files</remarks>
sealed record ConnectionFile
{
    [JsonPropertyName("transport")] public required string Transport { get; init; }
    [JsonPropertyName("ip")] public required string Ip { get; init; }
    [JsonPropertyName("shell_port")] public required int ShellPort { get; init; }
    [JsonPropertyName("control_port")] public required int ControlPort { get; init; }
    [JsonPropertyName("iopub_port")] public required int IoPubPort { get; init; }
    [JsonPropertyName("stdin_port")] public required int StdinPort { get; init; }
    [JsonPropertyName("hb_port")] public required int HeartbeatPort { get; init; }
    [JsonPropertyName("key")] public required string Key { get; init; }
    [JsonPropertyName("signature_scheme")] public string SignatureScheme { get; init; } = "hmac-sha256";

    /// <exception cref="InvalidDataException">It is no connection file, or asks for what this kernel cannot do.</exception>
    public static ConnectionFile Read(string path)
    {
        ConnectionFile file;
        try
        {
            file = JsonSerializer.Deserialize<ConnectionFile>(File.ReadAllBytes(path))
                ?? throw new InvalidDataException($"cannot read connection file '{path}': expected an object");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"cannot read connection file '{path}': {e.Message}", e);
        }
        if (file.Transport is not ("tcp" or "ipc"))
            throw new InvalidDataException($"cannot listen on transport '{file.Transport}': expected tcp or ipc");
        if (file.Key.Length > 0 && file.SignatureScheme != "hmac-sha256")
            throw new InvalidDataException($"cannot sign with '{file.SignatureScheme}': expected hmac-sha256");
        return file;
    }

    public string Address(int port) => Transport == "ipc" ? $"ipc://{Ip}-{port}" : $"tcp://{Ip}:{port}";
}
