namespace Legion.Notebook.Grammar;

/// <summary>Every verb there is, in the order in which help lists them.</summary>
public static class Verbs
{
    static readonly VerbArgument Process = new("PROCESS", "a process id, or @variable", Required: true);
    static readonly VerbOption From = new("from", "T", "start of the time range: RFC 3339 or relative, as now-15m");
    static readonly VerbOption To = new("to", "T", "end of the time range");
    static readonly VerbOption In = new("in", "@sel", "the time range of a selection");
    static readonly VerbOption Last = new("last", "24h", "the time range that ends now") { Choices = ["15m", "1h", "24h", "7d"] };
    static readonly VerbOption Limit = new("limit", "n", "at most this many rows");

    /// <summary>Also what a <c>#!legion-sql</c> cell runs.</summary>
    public static Verb Sql { get; } = new("sql", "runs SQL; $name is bound to the C# variable of that name")
    {
        Arguments = [new("SQL", "the statement in quotes; without it, the lines below", Required: false)],
        Options = [From, To, In],
        TakesBody = true,
    };

    /// <remarks>Stands below <see cref="Sql"/>, which it lists: static members are set in the order of the text.</remarks>
    public static IReadOnlyList<Verb> All { get; } =
    [
        new("connect", "opens a lake; later verbs read from it")
        {
            Arguments = [new("LAKE", "a folder, or file:FOLDER; without it, the lake of LEGION_LAKE or the user's own", Required: false)],
            Options = [new("viewer", "url", "address of a viewer of this lake, for links")],
        },
        new("processes", "lists the processes of the lake, newest first")
        {
            Options =
            [
                new("search", "text", "only processes whose name or properties contain the text"),
                Last,
                Limit,
            ],
        },
        Sql,
        new("logs", "shows the log of a process")
        {
            Arguments = [Process],
            Options =
            [
                new("level", "warn+", "a level, or a level and all above it")
                {
                    Choices = ["trace+", "debug+", "info+", "warn+", "error+", "fatal"],
                },
                new("grep", "text", "only entries that contain the text"),
                From,
                To,
                In,
                Limit,
            ],
        },
        new("flame", "draws the spans of a process as a flame chart")
        {
            Arguments = [Process],
            Options =
            [
                From,
                To,
                In,
                new("threads", "glob", "only threads whose name matches, as render*"),
                new("height", "n", "height of the chart in pixels"),
            ],
        },
        new("help", "explains a verb, or lists them all")
        {
            Arguments = [new("verb", "the verb to explain", Required: false)],
            HasResult = false,
        },
    ];
}
