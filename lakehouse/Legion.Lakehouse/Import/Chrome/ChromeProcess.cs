using Legion.Format;
using Legion.Sdk;

namespace Legion.Lakehouse.Import.Chrome;

/// <summary>What a trace has of one process, gathered before any of it is written, as events come in any order.</summary>
sealed class ChromeProcess(string id, Redaction redaction)
{
    static readonly Dictionary<string, Level> levels = Enum.GetValues<Level>().ToDictionary(level => level.ToString(), StringComparer.OrdinalIgnoreCase);

    readonly Dictionary<string, ChromeThread> threads = new(StringComparer.Ordinal);
    readonly Dictionary<(string Name, string Category, string File, int Line), Site> sites = [];
    readonly Dictionary<(string, string, string), ulong> flows = [];
    readonly List<ChromeEvent> asyncs = [];

    public string Id => id;
    public string Name { get; private set; } = $"process {id}";
    public long FirstNs { get; private set; } = long.MaxValue;
    public long LastNs { get; private set; } = long.MinValue;

    public IReadOnlyCollection<ChromeThread> Threads => threads.Values;

    /// <summary>In any order.</summary>
    public List<(long Ns, ChromeThread Thread, Level Level, string Message, Property[] Properties)> Logs { get; } = [];

    /// <summary>In any order.</summary>
    public List<(long Ns, ChromeThread Thread, Site Site, string Unit, double Value)> Measures { get; } = [];

    /// <summary>Events that say nothing that the lake could keep, by phase, or that have no counterpart.</summary>
    public Dictionary<string, int> Skipped { get; } = new(StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">The event makes no sense.</exception>
    public void Add(in ChromeEvent one)
    {
        var thread = ThreadOf(one.Thread);
        if (one.Phase == 'M')
        {
            if (one.Name == "process_name" && one.Argument("name") is { Length: > 0 } name) Name = name;
            if (one.Name == "thread_name" && one.Argument("name") is { Length: > 0 } threadName) thread.Name = threadName;
            return;
        }
        FirstNs = Math.Min(FirstNs, one.Ns);
        LastNs = Math.Max(LastNs, one.Phase == 'X' ? one.Ns + Math.Max(0, one.DurationNs) : one.Ns);
        switch (one.Phase)
        {
            case 'X':
                if (one.DurationNs < 0) throw new InvalidDataException($"expected a duration of 0 or more, saw {one.DurationNs} ns");
                thread.Add(new ChromeSpan(one.Ns, one.Ns + one.DurationNs, SiteOf(one), PropertiesOfSpan(one)));
                break;
            case 'B':
                thread.Begin(one.Ns, SiteOf(one), PropertiesOfSpan(one));
                break;
            case 'E':
                thread.End(one.Ns, PropertiesOfSpan(one));
                break;
            case 'b' or 'e' or 'S' or 'F':
                asyncs.Add(one);
                break;
            case 'i' or 'I' or 'R' or 'n' or 'T' or 'p':
                if (levels.TryGetValue(one.Argument("level"), out var level)) Logs.Add((one.Ns, thread, level, one.Name, [.. one.Properties(redaction, "level")]));
                else
                {
                    var (site, properties) = (SiteOf(one), one.Properties(redaction).ToArray());
                    thread.Add(new ChromeMoment(one.Ns, (writer, tick) => writer.Marker(tick, site, "", properties)));
                }
                break;
            case 's' or 't' or 'f':
                var flow = FlowOf(one);
                var place = SiteOf(one);
                thread.Add(new ChromeMoment(one.Ns, (writer, tick) => writer.Flow(tick, flow, place)));
                break;
            case 'C':
                AddMeasures(one, thread);
                break;
            default:
                Skip($"phase {one.Phase}");
                break;
        }
    }

    /// <summary>Pairs the begins and ends of async spans, and makes moments of both.</summary>
    /// <param name="streamOf">The stream that a thread's moments are written to.</param>
    public void MatchAsyncs(ChromeClock clock, Func<ChromeThread, Guid> streamOf)
    {
        var open = new Dictionary<(string, string), Stack<(AsyncSpanIdentity Span, Site Site, Property[] Arguments)>>();
        var spans = 0ul;
        foreach (var one in asyncs.OrderBy(one => one.Ns))
        {
            var key = (one.Category, one.Id);
            if (!open.TryGetValue(key, out var stack)) open.Add(key, stack = []);
            var thread = ThreadOf(one.Thread);
            if (one.Phase is 'b' or 'S')
            {
                var site = SiteOf(one);
                Property[] arguments = [.. one.Properties(redaction)];
                var span = new AsyncSpanIdentity(++spans, stack.TryPeek(out var parent) ? parent.Span.Id : 0, 0, clock.Tick(one.Ns), streamOf(thread), UInt128.Zero);
                stack.Push((span, site, arguments));
                thread.Add(new ChromeMoment(one.Ns, (writer, tick) => writer.AsyncBegin(tick, span, site, "", arguments)));
            }
            else if (stack.TryPop(out var begun))
            {
                Property[] arguments = [.. begun.Arguments, .. one.Properties(redaction)];
                thread.Add(new ChromeMoment(one.Ns, (writer, tick) => writer.AsyncEnd(tick, begun.Span, begun.Site, "", arguments)));
            }
            else Skip("ends of async spans that did not begin");
        }
        asyncs.Clear();
    }

    public void Skip(string what, int count = 1) => Skipped[what] = Skipped.GetValueOrDefault(what) + count;

    /// <summary>One measure for each argument that is a number. Of several, each has a name of its own; of one, the argument's name says what is counted.</summary>
    void AddMeasures(in ChromeEvent one, ChromeThread thread)
    {
        if (one.Arguments.ValueKind != System.Text.Json.JsonValueKind.Object) return;
        var numbers = one.Arguments.EnumerateObject().Where(argument => argument.Value.ValueKind == System.Text.Json.JsonValueKind.Number).ToArray();
        foreach (var number in numbers)
        {
            var (name, unit) = numbers.Length > 1 ? ($"{one.Name}.{number.Name}", "") : (one.Name, number.Name == "value" ? "" : number.Name);
            Measures.Add((one.Ns, thread, SiteOf(name, one.Category, "", 0), unit, number.Value.GetDouble()));
        }
    }

    ChromeThread ThreadOf(string thread)
    {
        if (!threads.TryGetValue(thread, out var known)) threads.Add(thread, known = new ChromeThread(thread));
        return known;
    }

    ulong FlowOf(in ChromeEvent one)
    {
        var key = (one.Category, one.Name, one.Id);
        if (!flows.TryGetValue(key, out var flow)) flows.Add(key, flow = (ulong)flows.Count + 1);
        return flow;
    }

    /// <summary>Arguments but for the place in code, which this command's own export puts there.</summary>
    Property[] PropertiesOfSpan(in ChromeEvent one) => [.. IsPlace(one) ? one.Properties(redaction, "file", "line") : one.Properties(redaction)];

    Site SiteOf(in ChromeEvent one) => IsPlace(one) ? SiteOf(one.Name, one.Category, one.Argument("file"), one.Arguments.GetProperty("line").GetInt32()) : SiteOf(one.Name, one.Category, "", 0);

    static bool IsPlace(in ChromeEvent one) => one.Argument("file").Length > 0 && one.Arguments.TryGetProperty("line", out var line) && line.TryGetInt32(out _);

    Site SiteOf(string name, string category, string file, int line)
    {
        var key = (name, category, file, line);
        if (!sites.TryGetValue(key, out var site)) sites.Add(key, site = new Site(name, category, file, line));
        return site;
    }
}
