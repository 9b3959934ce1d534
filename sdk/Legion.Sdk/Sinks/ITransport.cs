namespace Legion.Sdk;

/// <summary>Carries one batch to a server and its answer back, on the calling thread.</summary>
interface ITransport : IDisposable
{
    /// <exception cref="IOException">The server could not be reached, the connection broke, the answer makes no sense or took too long, or the transport was disposed.</exception>
    Reply Post(ReadOnlyMemory<byte> batch);
}

/// <summary>A server's answer.</summary>
/// <param name="RetryAfter">How long it asks to be left alone.</param>
readonly record struct Reply(int Status, byte[] Body, TimeSpan? RetryAfter = null);
