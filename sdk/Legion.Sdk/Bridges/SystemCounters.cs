using System.Buffers.Text;

namespace Legion.Sdk;

/// <summary>Processor time and memory, of the process everywhere and of the machine on Linux.</summary>
sealed class SystemCounters : IDisposable
{
    readonly Growth user = new("process.cpu.user", Unit.Nanoseconds, Ns(Environment.CpuUsage.UserTime));
    readonly Growth kernel = new("process.cpu.kernel", Unit.Nanoseconds, Ns(Environment.CpuUsage.PrivilegedTime));
    readonly MetricSite workingSet = Site("process.memory.working_set", Unit.Bytes);
    readonly MetricSite busy = Site("system.cpu", Unit.Percent);
    readonly MetricSite used = Site("system.memory.used", Unit.Bytes);
    readonly MetricSite available = Site("system.memory.available", Unit.Bytes);

    // Kept open: opening costs more than reading.
    readonly KernelFile? ownPages = KernelFile.TryOpen("/proc/self/statm");
    readonly KernelFile? processors = KernelFile.TryOpen("/proc/stat");
    readonly KernelFile? memory = KernelFile.TryOpen("/proc/meminfo");
    (long Busy, long All) lastProcessors;

    public void Poll()
    {
        var usage = Environment.CpuUsage;
        user.Record(Ns(usage.UserTime));
        kernel.Record(Ns(usage.PrivilegedTime));
        Telemetry.Metric(workingSet, WorkingSet());
        if (processors is not null) PollProcessors(processors.Read());
        if (memory is not null) PollMemory(memory.Read());
    }

    public void Dispose()
    {
        ownPages?.Dispose();
        processors?.Dispose();
        memory?.Dispose();
    }

    /// <summary>Second number of statm: resident pages.</summary>
    long WorkingSet()
    {
        if (ownPages is null) return Environment.WorkingSet;
        var text = ownPages.Read();
        Number(ref text);
        return Number(ref text) * Environment.SystemPageSize;
    }

    /// <summary>First line of stat, for all processors together: cpu user nice system idle iowait irq softirq steal.</summary>
    void PollProcessors(ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith("cpu "u8)) return;
        text = text[4..];
        var (all, idle) = (0L, 0L);
        for (var i = 0; i < 8; i++)
        {
            var time = Number(ref text);
            all += time;
            if (i is 3 or 4) idle += time;
        }
        var now = (Busy: all - idle, All: all);
        if (lastProcessors.All > 0 && now.All > lastProcessors.All)
            Telemetry.Metric(busy, 100.0 * (now.Busy - lastProcessors.Busy) / (now.All - lastProcessors.All));
        lastProcessors = now;
    }

    void PollMemory(ReadOnlySpan<byte> text)
    {
        var (all, free) = (KibibytesOf(text, "MemTotal:"u8), KibibytesOf(text, "MemAvailable:"u8));
        if (all < free || free == 0) return;
        Telemetry.Metric(used, (all - free) * 1024);
        Telemetry.Metric(available, free * 1024);
    }

    static long KibibytesOf(ReadOnlySpan<byte> text, ReadOnlySpan<byte> key)
    {
        var at = text.IndexOf(key);
        if (at < 0) return 0;
        text = text[(at + key.Length)..];
        return Number(ref text);
    }

    /// <summary>The next number; 0 at the end.</summary>
    static long Number(ref ReadOnlySpan<byte> text)
    {
        text = text.TrimStart((byte)' ');
        Utf8Parser.TryParse(text, out long number, out var read);
        text = text[read..];
        return number;
    }

    static long Ns(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;

    static MetricSite Site(string name, Unit unit) => new(name, "runtime", "", 0, unit);
}
