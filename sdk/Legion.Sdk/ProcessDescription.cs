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
        User = Told(() => Environment.UserName) ?? "",
        Computer = Told(() => Environment.MachineName) ?? "",
        Os = RuntimeInformation.OSDescription,
        Cpu = Cpu(),
        Runtime = RuntimeInformation.FrameworkDescription,
        StartNs = startNs,
        LastSeenNs = startNs,
    };

    static string Cpu()
    {
        var name = Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? Told(NameOnLinux);
        return $"{name ?? RuntimeInformation.ProcessArchitecture.ToString()} ({Environment.ProcessorCount} logical)";
    }

    static string? NameOnLinux()
    {
        const string key = "model name";
        var line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal));
        return line?[(line.IndexOf(':') + 1)..].Trim();
    }

    /// <summary>What the system says, or null: it may not, and a program that has no file handles left cannot even ask for its user's name.</summary>
    static string? Told(Func<string?> ask)
    {
        try
        {
            return ask();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return null;
        }
    }
}
