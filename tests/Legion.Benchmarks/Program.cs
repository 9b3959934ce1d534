using System.Globalization;
using Legion.Benchmarks;
using Legion.Benchmarks.Ingestion;
using Legion.Victim;

var suites = new Dictionary<string, Func<BenchmarkSize, IEnumerable<BenchmarkRow>>>(StringComparer.Ordinal)
{
    ["sdk"] = SdkSuite.Run,
    ["bridges"] = SdkBridges.Run,
    ["ingestion"] = IngestionSuite.Run,
    ["lakehouse"] = LakehouseSuite.Run,
    ["query"] = QuerySuite.Run,
    ["notebook"] = NotebookSuite.Run,
    ["viewer"] = ViewerSuite.Run,
};

if (OperatingSystem.IsLinux() && args is [HostLoop.Argument, var adversity, var healthy, var hostile, var folder])
{
    HostLoop.Run(Enum.Parse<Adversity>(adversity), new Uri(healthy), new Uri(hostile), folder);
    return 0;
}

if (args is [MaterializingProgram.Argument, var lakeFolder, var view, var process])
{
    await MaterializingProgram.RunAsync(lakeFolder, view, Guid.Parse(process));
    return 0;
}

if (args is [DiscardingServer.Argument])
{
    await DiscardingServer.RunAsync();
    return 0;
}

var json = args.Contains("--json");
var wanted = new List<string>();
var size = new BenchmarkSize();
for (var i = 0; i < args.Length; i++)
{
    if (args[i] == "--json") continue;
    if (args[i] == "--spans" && i + 1 < args.Length && double.TryParse(args[i + 1], CultureInfo.InvariantCulture, out var spans) && spans is >= 1 and < 1e12)
    {
        size = size with { Spans = (long)spans };
        i++;
    }
    else if (args[i] == "--lake" && i + 1 < args.Length)
    {
        size = size with { Folder = args[++i] };
    }
    else if (suites.ContainsKey(args[i]))
    {
        wanted.Add(args[i]);
    }
    else
    {
        Console.Error.WriteLine($"cannot take '{args[i]}'; usage: Legion.Benchmarks [{string.Join('|', suites.Keys)}]... [--spans N] [--lake DIR] [--json]");
        return 2;
    }
}

var missed = false;
foreach (var name in wanted.Count > 0 ? wanted : [.. suites.Keys])
{
    foreach (var row in suites[name](size))
    {
        Console.WriteLine(json ? row.ToJson() : row.ToText());
        missed |= row.Ok == false;
    }
}
return missed ? 1 : 0;
