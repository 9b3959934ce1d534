using System.Runtime.InteropServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>What the process record says of program, machine and runtime.</summary>
static class ProcessDescription
{
    public static ProcessRecord Describe(Guid processId, Guid? parent, long startNs) => new()
    {
        ProcessId = processId,
        ParentProcessId = parent,
        Version = 0,
        Exe = Environment.ProcessPath ?? "",
        User = Environment.UserName,
        Computer = Environment.MachineName,
        Os = RuntimeInformation.OSDescription,
        Cpu = Cpu(),
        Runtime = RuntimeInformation.FrameworkDescription,
        StartNs = startNs,
        LastSeenNs = startNs,
    };

    static string Cpu()
    {
        var name = Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? NameOnLinux();
        return $"{name ?? RuntimeInformation.ProcessArchitecture.ToString()} ({Environment.ProcessorCount} logical)";
    }

    static string? NameOnLinux()
    {
        const string key = "model name";
        try
        {
            var line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal));
            return line?[(line.IndexOf(':') + 1)..].Trim();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
