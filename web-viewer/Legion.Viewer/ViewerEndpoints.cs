using Legion.Lakehouse;
using Legion.Lakehouse.Tiles;
using Legion.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Legion.Viewer;

/// <summary>
/// The viewer: its pages, the questions they ask, and tiles. There is no sign-in yet: the host binds loopback only and checks the Host header.
/// Whatever is asked in vain is answered with one sentence as <c>{"error": ...}</c>, never with a stack trace.
/// </summary>
public static partial class ViewerEndpoints
{
    static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static void MapViewer(this IEndpointRouteBuilder routes, Lake lake)
    {
        var log = routes.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ViewerEndpoints).FullName!);
        var processes = new ProcessQuestions(lake);
        var logs = new LogQuestions(lake);
        var spans = new SpanQuestions(lake);
        var asyncSpans = new AsyncQuestions(lake);
        var series = new SeriesQuestions(lake);
        var markers = new MarkerQuestions(lake);
        var tiles = new TileQuestions(new SpanTiles(lake));

        void Map(string pattern, Func<Question, Task<Answer>> answer) =>
            routes.MapMethods(pattern, Methods, context => AnswerAsync(context, answer, log));

        Map("/", Pages.Index);
        Map("/process/{**path}", Pages.Index);
        Map("/assets/{file}", Pages.Asset);
        Map("/cells/{file}", Pages.Cell);
        Map("/api/processes", processes.ListAsync);
        Map("/api/processes/{process}", processes.DescribeAsync);
        Map("/api/processes/{process}/logs", logs.ListAsync);
        Map("/api/processes/{process}/logs/buckets", logs.BucketsAsync);
        Map("/api/processes/{process}/series", series.ListAsync);
        Map("/api/processes/{process}/series/buckets", series.BucketsAsync);
        Map("/api/processes/{process}/markers", markers.WindowAsync);
        Map("/api/processes/{process}/async", asyncSpans.WindowAsync);
        Map("/api/processes/{process}/async/{span}", asyncSpans.DescribeAsync);
        Map("/api/processes/{process}/spans/{stream}/{span}", spans.DescribeAsync);
        Map("/api/processes/{process}/find", spans.FindAsync);
        Map("/tiles/{process}", tiles.ManifestAsync);
        Map("/tiles/{process}/{group}/{level}/{index}", tiles.TileAsync);
    }

    /// <summary>The border of a request: what goes wrong behind it is an answer here.</summary>
    static async Task AnswerAsync(HttpContext context, Func<Question, Task<Answer>> answer, ILogger log)
    {
        PagePolicy.Apply(context.Response.Headers);
        try
        {
            await (await answer(new Question(context))).WriteAsync(context);
        }
        catch (MalformedQuestionException cause)
        {
            await Answer.Error(StatusCodes.Status400BadRequest, cause.Message).WriteAsync(context);
        }
        catch (NotInLakeException cause)
        {
            await Answer.Error(StatusCodes.Status404NotFound, cause.Message).WriteAsync(context);
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

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} could not be answered")]
    static partial void Failed(ILogger log, string path, Exception cause);
}
