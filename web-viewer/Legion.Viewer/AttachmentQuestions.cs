using Legion.Lakehouse.Timeline;
using Microsoft.AspNetCore.Http;

namespace Legion.Viewer;

/// <summary>Answers about files that a process sent along: those of a window, and what is in one.</summary>
sealed class AttachmentQuestions(ProcessTimeline timeline, AttachmentFiles files)
{
    const string AnyBytes = "application/octet-stream";

    public async Task<Answer> WindowAsync(Question question) =>
        Answer.Json((await timeline.AttachmentsAsync(question.RouteId("process"), question.Window(), question.Cancellation)).WriteTo);

    /// <summary>The file itself. An image is shown; anything else is a download without a type, so that no browser makes a page of it.</summary>
    public async Task<Answer> FileAsync(Question question)
    {
        try
        {
            var file = await files.ReadAsync(question.RouteId("process"), question.RouteId("attachment"), question.Cancellation);
            var image = SafeImage.TypeOf(file.MediaType, file.Content);
            return new Answer(StatusCodes.Status200OK, image ?? AnyBytes, file.Content, Keeping.Unchanged)
            {
                Tag = $"\"{file.Sha256}\"",
                File = new(file.Name, IsShown: image is not null),
            };
        }
        catch (AttachmentTooLargeException cause)
        {
            return Answer.Error(StatusCodes.Status413PayloadTooLarge, cause.Message);
        }
    }
}
