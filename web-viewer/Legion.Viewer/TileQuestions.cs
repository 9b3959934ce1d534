using Legion.Lakehouse.Tiles;
using Legion.Lakehouse.Timeline;
using Microsoft.AspNetCore.Http;

namespace Legion.Viewer;

/// <summary>Answers with tiles, and with what tiles there are.</summary>
sealed class TileQuestions(SpanTiles tiles)
{
    /// <summary>Proxies close what is silent for longer.</summary>
    static readonly TimeSpan longest = TimeSpan.FromSeconds(20);

    /// <summary>All of them; or those that there are when <c>patience_ms</c> are over, of a time that is looked at or of all.</summary>
    public async Task<Answer> ManifestAsync(Question question)
    {
        var process = question.RouteId("process");
        if (question.Number("patience_ms", (long)longest.TotalMilliseconds) is not { } patience)
        {
            var manifest = await tiles.ManifestAsync(process, question.Cancellation);
            return Answer.Json(json => manifest.WriteTo(json));
        }
        TimeWindow? window = question.Ns("from_ns") is null && question.Ns("to_ns") is null ? null : question.Window();
        var glance = await tiles.GlanceAsync(process, window, TimeSpan.FromMilliseconds(patience), question.Cancellation);
        return Answer.Json(json => glance.Manifest.WriteTo(json, more =>
        {
            more.WriteStartObject("pieces");
            more.WriteNumber("wanted", glance.WantedPieces);
            more.WriteNumber("read", glance.ReadPieces);
            more.WriteEndObject();
        }));
    }

    /// <summary>A tile of the generation that was asked for never changes; any other is only right now.</summary>
    public async Task<Answer> TileAsync(Question question)
    {
        var address = new TileAddress(question.RouteId("process"), (int)question.RouteNumber("group", int.MaxValue),
            (int)question.RouteNumber("level", TileGrid.MaxLevel), question.RouteNumber("index", long.MaxValue));
        var generation = question.Value("g");
        var tile = await tiles.TileAsync(address, generation, question.Cancellation);
        return new Answer(StatusCodes.Status200OK, Tile.MediaType, tile.Bytes, generation is not null && tile.Generation == generation ? Keeping.Forever : Keeping.Never) { KeptBy = tile };
    }
}
