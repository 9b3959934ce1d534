using Legion.Lakehouse.Tiles;
using Microsoft.AspNetCore.Http;

namespace Legion.Viewer;

/// <summary>Answers with tiles, and with what tiles there are.</summary>
sealed class TileQuestions(SpanTiles tiles)
{
    public async Task<Answer> ManifestAsync(Question question)
    {
        var manifest = await tiles.ManifestAsync(question.RouteId("process"), question.Cancellation);
        return Answer.Json(manifest.WriteTo);
    }

    /// <summary>A tile of the generation that was asked for never changes; any other is only right now.</summary>
    public async Task<Answer> TileAsync(Question question)
    {
        var address = new TileAddress(question.RouteId("process"), (int)question.RouteNumber("group", int.MaxValue),
            (int)question.RouteNumber("level", TileGrid.MaxLevel), question.RouteNumber("index", long.MaxValue));
        var generation = question.Value("g");
        var tile = await tiles.TileAsync(address, generation, question.Cancellation);
        return new Answer(StatusCodes.Status200OK, Tile.MediaType, tile.Bytes, generation is not null && tile.Generation == generation ? Keeping.Forever : Keeping.Never);
    }
}
