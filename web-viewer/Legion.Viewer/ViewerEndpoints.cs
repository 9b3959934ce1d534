using System.Runtime.CompilerServices;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql.Workers;
using Legion.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Legion.Viewer;

/// <summary>
/// The viewer: its pages, the questions they ask, and tiles. Pages are anybody's, and the same for everybody; answers are of the tenant that asks.
/// Whatever is asked in vain is answered with one sentence as <c>{"error": ...}</c>, never with a stack trace.
/// </summary>
public static partial class ViewerEndpoints
{
    internal const string LinksPath = "/api/links", QueryPath = "/api/query", ReportsPath = "/api/reports";

    /// <summary>When to ask again: most queries are over by then.</summary>
    const string BusySeconds = "5";

    static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    static Answer Elsewhere => Answer.Error(StatusCodes.Status403Forbidden, "expected a page of this service, saw one of another site");

    /// <summary>Makes it known before the host is built.</summary>
    /// <param name="worker">Path of the program that runs people's SQL (<see cref="SqlWorkers"/>).</param>
    /// <param name="reports">Reads pages that are to be published.</param>
    public static void AddViewer(this IServiceCollection services, LakeStore lake, string worker, SqlLimits limits, ReportReader reports)
    {
        services.AddSingleton(reports);
        services.AddSingleton(built =>
        {
            var log = built.GetRequiredService<ILogger<SqlWorkers>>();
            return new SqlWorkers(worker, lake, limits, sentence => Warned(log, sentence));
        });
        services.TryAddSingleton(TimeProvider.System);
        services.AddHttpContextAccessor();
        services.TryAddSingleton(built => new TenantLakes(lake, built.GetRequiredService<IHttpContextAccessor>(), built.GetRequiredService<TimeProvider>(), built.GetRequiredService<ILogger<TenantLakes>>()));
    }

    public static void MapViewer(this IEndpointRouteBuilder routes)
    {
        var log = routes.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ViewerEndpoints).FullName!);
        var lakes = routes.ServiceProvider.GetRequiredService<TenantLakes>();
        var questions = new ConditionalWeakTable<Lake, TenantQuestions>();

        void Page(string pattern, Func<Question, Task<Answer>> answer) =>
            routes.MapMethods(pattern, Methods, context => AnswerAsync(context, answer, log)).WithMetadata(RouteAccess.Public);

        void Map(string pattern, Func<TenantQuestions, Func<Question, Task<Answer>>> answer) =>
            routes.MapMethods(pattern, Methods, context => AnswerAsync(context, async question => await answer(await OfAsync(context))(question), log)).WithMetadata(new RouteAccess(KeyRole.Read));

        async Task<TenantQuestions> OfAsync(HttpContext context) => questions.GetValue(await lakes.OfAsync(context), static own => new TenantQuestions(own));

        Page("/", Pages.Index);
        Page(SignIn.Path, Pages.Index);
        Page("/process/{**path}", Pages.Index);
        Page("/query", Pages.Index);
        Page(LinkRow.Path + "{link}", Pages.Index);
        Page("/reports", Pages.Index);
        Page(ReportRow.Path + "{report}", Pages.Report);
        Page("/assets/{file}", Pages.Asset);
        Page("/cells/{file}", Pages.Cell);
        Map("/api/processes", of => of.Processes.ListAsync);
        Map("/api/processes/{process}", of => of.Processes.DescribeAsync);
        routes.MapMethods("/api/processes/live", Methods, context => AnswerAsync(context, async question => await (await OfAsync(context)).Live.WaitForListAsync(question), log))
            .WithMetadata(new RouteAccess(KeyRole.Read) { Waits = true });
        routes.MapMethods("/api/processes/{process}/live", Methods, context => AnswerAsync(context, async question => await (await OfAsync(context)).Live.WaitAsync(question), log))
            .WithMetadata(new RouteAccess(KeyRole.Read) { Waits = true });
        Map("/api/processes/{process}/health", of => of.Processes.HealthAsync);
        Map("/api/processes/{process}/attachments", of => of.Processes.AttachmentsAsync);
        Map("/api/processes/{process}/attachments/buckets", of => of.Attachments.WindowAsync);
        Map("/api/processes/{process}/attachments/{attachment}", of => of.Attachments.FileAsync);
        Map("/api/processes/{process}/logs", of => of.Logs.ListAsync);
        Map("/api/processes/{process}/logs/buckets", of => of.Logs.BucketsAsync);
        Map("/api/processes/{process}/logs/rows", of => of.Logs.RowsAsync);
        Map("/api/processes/{process}/logs/counts", of => of.Logs.CountsAsync);
        Map("/api/processes/{process}/logs/patterns", of => of.Logs.PatternsAsync);
        Map("/api/processes/{process}/series", of => of.Series.ListAsync);
        Map("/api/processes/{process}/series/buckets", of => of.Series.BucketsAsync);
        Map("/api/processes/{process}/markers", of => of.Markers.WindowAsync);
        Map("/api/processes/{process}/async", of => of.AsyncSpans.WindowAsync);
        Map("/api/processes/{process}/async/{span}", of => of.AsyncSpans.DescribeAsync);
        Map("/api/processes/{process}/async/{span}/links", of => of.AsyncSpans.LinksAsync);
        Map("/api/processes/{process}/spans/{stream}/{span}", of => of.Spans.DescribeAsync);
        Map("/api/processes/{process}/spans/{stream}/{span}/links", of => of.Spans.LinksAsync);
        Map("/api/processes/{process}/merged", of => of.Merged.WindowAsync);
        Map("/api/processes/{process}/graph", of => of.Graph.DrawnAsync);
        Map("/api/processes/{process}/graph/functions", of => of.Graph.FunctionsAsync);
        Map("/api/processes/{process}/graph/calls", of => of.Graph.CallsAsync);
        Map("/api/processes/{process}/statistics", of => of.Statistics.WindowAsync);
        Map("/api/processes/{process}/durations", of => of.Statistics.HeatAsync);
        Map("/api/processes/{process}/find", of => of.Spans.FindAsync);
        Map("/api/processes/{process}/find/density", of => of.Spans.DensityAsync);
        Map("/api/views", of => of.Schema.ListAsync);
        Map("/api/queries", of => of.Schema.ListSavedAsync);
        var sql = new SqlQuestions(routes.ServiceProvider.GetRequiredService<SqlWorkers>(), routes.ServiceProvider.GetRequiredService<TimeProvider>());
        routes.MapPost(QueryPath, context => GuardedAsync(context, async () => await sql.AnswerAsync(context, await lakes.OfAsync(context)), log)).WithMetadata(new RouteAccess(KeyRole.Read));
        Map(LinksPath + "/{link}", of => of.Links.DescribeAsync);
        routes.MapPost(LinksPath, context => AnswerAsync(context, async question =>
        {
            if (SignIn.IsFromElsewhere(context.Request)) return Elsewhere;
            return await (await OfAsync(context)).Links.AddAsync(question, TenantLakes.ActorOf(context));
        }, log)).WithMetadata(new RouteAccess(KeyRole.Read));
        MapReports();
        Map("/tiles/{process}", of => of.Tiles.ManifestAsync);
        Map("/tiles/{process}/{group}/{level}/{index}", of => of.Tiles.TileAsync);

        void MapReports()
        {
            const string One = ReportsPath + "/{report}";
            var read = routes.ServiceProvider.GetRequiredService<ReportReader>();
            Map("/reports/{report}/content", of => of.Reports.ContentAsync);
            Ask(ReportsPath, Methods, (of, context) => question => of.Reports.ListAsync(question, TenantLakes.CredentialOf(context)));
            Ask(One, Methods, (of, context) => question => of.Reports.DescribeAsync(question, TenantLakes.CredentialOf(context)));
            Ask(ReportsPath, [HttpMethods.Post], (of, context) => question => of.Reports.PublishAsync(question, TenantLakes.CredentialOf(context), TenantLakes.ActorOf(context), read));
            Ask(One, [HttpMethods.Delete], (of, context) => question => of.Reports.RemoveAsync(question, TenantLakes.CredentialOf(context)));
        }

        void Ask(string pattern, string[] methods, Func<TenantQuestions, HttpContext, Func<Question, Task<Answer>>> answer) => routes.MapMethods(pattern, methods, context => AnswerAsync(context, async question =>
        {
            if (!Methods.Contains(context.Request.Method) && SignIn.IsFromElsewhere(context.Request)) return Elsewhere;
            return await answer(await OfAsync(context), context)(question);
        }, log)).WithMetadata(new RouteAccess(KeyRole.Read));
    }

    static Task AnswerAsync(HttpContext context, Func<Question, Task<Answer>> answer, ILogger log) =>
        GuardedAsync(context, async () => await (await answer(new Question(context))).WriteAsync(context), log);

    /// <summary>The border of a request: what goes wrong behind it is an answer here.</summary>
    static async Task GuardedAsync(HttpContext context, Func<Task> answer, ILogger log)
    {
        PagePolicy.Apply(context.Response.Headers);
        try
        {
            await answer();
        }
        catch (SqlBusyException cause)
        {
            context.Response.Headers.RetryAfter = BusySeconds;
            await Answer.Error(StatusCodes.Status429TooManyRequests, cause.Message).WriteAsync(context);
        }
        catch (MalformedQuestionException cause)
        {
            await Answer.Error(StatusCodes.Status400BadRequest, cause.Message).WriteAsync(context);
        }
        catch (NotInLakeException cause)
        {
            await Answer.Error(StatusCodes.Status404NotFound, cause.Message).WriteAsync(context);
        }
        catch (Exception cause) when (cause is LinkClosedException or ReportClosedException)
        {
            await Answer.Error(StatusCodes.Status410Gone, cause.Message).WriteAsync(context);
        }
        catch (ReportTooLargeException cause)
        {
            await Answer.Error(StatusCodes.Status413PayloadTooLarge, cause.Message).WriteAsync(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The reader is gone and hears nothing.
        }
        catch (StoreUnavailableException cause)
        {
            Failed(log, context.Request.Path, cause);
            await Answer.Error(StatusCodes.Status503ServiceUnavailable, "the lake cannot be read at the moment; try again").WriteAsync(context);
        }
        catch (Exception cause) when (!context.Response.HasStarted)
        {
            Failed(log, context.Request.Path, cause);
            await Answer.Error(StatusCodes.Status500InternalServerError, "this could not be answered; the server's log says why").WriteAsync(context);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Sentence}")]
    static partial void Warned(ILogger log, string sentence);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} could not be answered")]
    static partial void Failed(ILogger log, string path, Exception cause);
}
