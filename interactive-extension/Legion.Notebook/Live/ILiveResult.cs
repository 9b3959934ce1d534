using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Legion.Notebook;

/// <summary>A result whose cell, while it is shown, asks for more than it was shown with and tells what is selected in it.</summary>
/// <remarks>Where nobody can be asked, as in a report, the result's other forms carry all that the cell will ever have.</remarks>
public interface ILiveResult
{
    /// <summary>
    /// The cell of a front end in which it can ask: <c>{"module": "flame", "model": {...}, "note": "..."}</c>.
    /// It is saved with the notebook, so that it is small.
    /// </summary>
    string AskingCell();

    /// <summary>
    /// Takes over what somebody selected in the cell. It is called by the thread that reads the front end's messages, in their
    /// order, so that a cell which is run after a selection sees it: it must return at once.
    /// </summary>
    /// <param name="selection">A JSON object; JSON's null: nothing is selected any more.</param>
    /// <exception cref="FormatException">It is no selection of such a cell.</exception>
    void Select(JsonElement selection);

    /// <summary>Answers a question of the cell: from any thread, several at a time, and while code of the session runs.</summary>
    /// <param name="question">A JSON object.</param>
    /// <exception cref="FormatException">It is no question of such a cell.</exception>
    Task<LiveAnswer> AnswerAsync(JsonElement question, CancellationToken cancel);
}

/// <summary>What a cell is told that asked.</summary>
/// <param name="Json">64-bit numbers are decimal strings: browsers have none.</param>
/// <param name="Buffers">Bytes that travel beside the JSON, which names them by their index.</param>
public sealed record LiveAnswer(JsonObject Json, IReadOnlyList<ReadOnlyMemory<byte>> Buffers)
{
    public LiveAnswer(JsonObject json)
        : this(json, [])
    {
    }

    /// <summary>An answer that is written in the form of the viewer's JSON.</summary>
    /// <param name="write">Writes an object.</param>
    internal static LiveAnswer Of(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
            write(json);
        return new(JsonNode.Parse(buffer.WrittenSpan)!.AsObject());
    }
}
