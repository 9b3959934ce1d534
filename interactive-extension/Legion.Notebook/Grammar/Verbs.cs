namespace Legion.Notebook.Grammar;

/// <summary>Every verb there is, in the order in which help lists them.</summary>
public static class Verbs
{
    /// <summary>What usage lines show for the value of an option that takes a time.</summary>
    internal const string TimeValue = "T";

    static readonly VerbArgument Process = new("PROCESS", "a process id, @variable, or a link", Required: true) { Kind = ValueKind.Process };
    static readonly VerbOption Lake = new("lake", "LAKE", "the lake to read for this once");
    static readonly VerbOption From = new("from", TimeValue, "start of the time range: RFC 3339 or relative, as now-15m");
    static readonly VerbOption To = new("to", TimeValue, "end of the time range");
    static readonly VerbOption In = new("in", "@sel", "the time range of a selection");
    static readonly string[] Levels = ["trace+", "debug+", "info+", "warn+", "error+", "fatal"];
    static readonly VerbOption Last = new("last", "24h", "the time range that ends now") { Choices = ["15m", "1h", "24h", "7d"] };
    static readonly VerbOption Limit = new("limit", "n", "at most this many rows");
    static readonly VerbOption ByProcess = new("process", "PROCESS", "the process: an id, @variable, or a link") { Kind = ValueKind.Process };
    static readonly VerbOption Explain = new("explain", null, "says what would be built and read, and does neither");
    static readonly VerbOption DryRun = new("dry-run", null, "says what would be written, and writes nothing");
    static readonly VerbOption Live = new("live", "5s", "asks again and again, until the cell is interrupted") { Choices = ["1s", "5s", "1m"] };

    // What every verb takes that reads events.
    static readonly VerbOption[] Times = [From, To, Last, In];
    static readonly VerbOption[] Reading = [.. Times, Live, Explain, Lake];

    /// <summary>Also what a <c>#!legion-sql</c> cell runs.</summary>
    public static Verb Sql { get; } = new("sql", "runs SQL; $name is bound to the C# variable of that name")
    {
        Arguments = [new("SQL", "the statement in quotes; without it, the lines below", Required: false)],
        Options =
        [
            .. Times,
            ByProcess with { Summary = "binds $process: an id, @variable, or a link" },
            Limit,
            new("with", "q1,q2", "saved queries that the statement reads: an error where one is not there") { Kind = ValueKind.View },
            new("save", "q", "saves the query under this name once it has run: FROM q reads it"),
            Live, Explain, Lake,
        ],
        TakesBody = true,
    };

    /// <remarks>Stands below <see cref="Sql"/>, which it lists: static members are set in the order of the text.</remarks>
    public static IReadOnlyList<Verb> All { get; } =
    [
        new("connect", "opens a lake; later verbs read from it")
        {
            Arguments = [new("LAKE", "a folder, file:FOLDER or s3://BUCKET/PREFIX; without it, the lake of LEGION_LAKE or the user's own", Required: false)],
            Options =
            [
                new("viewer", "url", "address of a viewer of this lake, for links"),
                new("catalog", "C", "where the catalog is, for a lake on S3: mysql://USER@HOST/DATABASE"),
                new("token", "env:VAR", "the password of the catalog, by the variable that has it"),
            ],
        },
        new("status", "shows the lake: how much is in it, and how current it is") { Options = [Lake] },
        new("schema", "lists the views, or the columns of one")
        {
            Arguments = [new("view", "the view to describe", Required: false) { Kind = ValueKind.View }],
            Options = [Lake],
        },
        new("processes", "lists the processes of the lake, newest first")
        {
            Options =
            [
                new("search", "text", "only processes whose name or properties contain the text"),
                new("where", "expr", "only processes for which the SQL over the columns of processes is true"),
                new("tree", null, "parents before their children, indented"),
                Last, Limit, Live, Lake,
            ],
        },
        Sql,
        new("flame", "draws the spans of a process as a flame chart")
        {
            Arguments = [Process],
            Options =
            [
                .. Reading,
                new("threads", "glob", "only threads whose name matches, as render*"),
                new("mode", "timeline", "how the spans are laid out: by time, merged by call path with the heaviest left, or around one function") { Choices = FlameModeText.All },
                new("function", "name", "the function in the middle of --mode sandwich; without it, the one of most self time") { Kind = ValueKind.Span },
                new("color", "name", "what the colour of a span tells: its name, duration or depth") { Choices = ["name", "duration", "depth"] },
                new("counters", "glob", "metrics over the threads whose name matches, as gc.*; frames are there without") { Kind = ValueKind.Metric },
                new("logs", "warn+", "log entries over the threads: of a level, or of it and all above") { Choices = Levels },
                new("height", "n", "height of the chart in pixels"),
            ],
        },
        new("metrics", "draws metrics of a process over time, or lets you look around in them")
        {
            Arguments = [Process, new("NAME", "names of metrics, with * and ?; without any, a list of all to choose from and to look at", Required: false) { Many = true, Kind = ValueKind.Metric }],
            Options =
            [
                new("agg", "avg,p99", "what is drawn of the samples of a step: avg, min, max, sum, count, rate, last, p50, p99.9")
                {
                    Choices = ["avg", "avg,min,max", "p50,p99", "rate", "last", "sum", "count"],
                },
                new("by", "property", "a line for each value of a property"),
                new("heatmap", null, "how many samples had which value, over time"),
                .. Reading,
            ],
        },
        new("logs", "shows the log of a process")
        {
            Arguments = [Process],
            Options =
            [
                new("level", "warn+", "a level, or a level and all above it")
                {
                    Choices = Levels,
                },
                new("grep", "text", "only entries that contain the text"),
                new("tail", null, "the newest lines instead of the first"),
                new("patterns", null, "a row for each text with its holes, and how often it came"),
                Limit,
                .. Reading,
            ],
        },
        new("graph", "shows who calls whom in a process")
        {
            Arguments = [Process],
            Options =
            [
                new("root", "name", "only what this span calls, and what that calls") { Kind = ValueKind.Span },
                new("top", "2000", "at most this many calls, those of most time"),
                Explain, Lake,
            ],
        },
        new("stats", "sums up the spans of a process by name, those of most time first")
        {
            Arguments = [Process],
            Options =
            [
                new("by", "name,thread", "a row for each name, or for each name and thread") { Choices = ["name", "name,thread"] },
                Limit,
                .. Reading,
            ],
        },
        new("hist", "shows how often a span took how long, or a metric had which value")
        {
            Arguments = [new("NAME", "the name of spans or of a metric", Required: true) { Kind = ValueKind.Span }],
            Options = [ByProcess, .. Reading],
        },
        new("find", "finds log texts, metrics and processes of the whole lake")
        {
            Arguments = [new("TEXT", "a part of a message, a name, a property", Required: true)],
            Options = [new("never-before", "BUILD", "only what no process had before the first of this build"), .. Times, Limit, Lake],
        },
        new("share", "gives a link that the viewer opens on the same view")
        {
            Arguments = [new("view", "@variable of a flame chart, a log, metrics or a process", Required: true) { Kind = ValueKind.Process }],
            Options =
            [
                new("freeze", null, "the link shows what the view shows now, whatever comes later"),
                new("ttl", "30d", "the link opens for so long; without it, always") { Choices = ["1d", "7d", "30d"] },
                Lake,
            ],
        },
        new("import", "appends a file to the lake: a recording, OTLP JSON, or a trace of Chrome")
        {
            Arguments = [new("FILE", "its path", Required: true)],
            Options = [DryRun, Lake],
        },
        new("export", "writes a process, a selection or rows into a file of another tool")
        {
            Arguments = [new("what", "a process id, or @variable of a process, a flame chart, a log or a DataFrame", Required: true) { Kind = ValueKind.Process }],
            Options =
            [
                new("to", "tool", "perfetto: all of a process; speedscope: its spans; parquet or csv: rows") { Choices = ["perfetto", "speedscope", "parquet", "csv"] },
                new("out", "FILE", "the file; without it, one beside the notebook"),
                new("view", "V", "for rows of a process: which view") { Kind = ValueKind.View },
                Last, In,
                DryRun, Lake,
            ],
        },
        new("help", "explains a verb, or lists them all")
        {
            Arguments = [new("verb", "the verb to explain", Required: false) { Kind = ValueKind.Verb }],
            HasResult = false,
        },
    ];

    /// <summary>Names that later verbs will have.</summary>
    internal static IReadOnlyList<string> Reserved { get; } = ["compare", "annotate", "annotations", "record", "watch"];
}
