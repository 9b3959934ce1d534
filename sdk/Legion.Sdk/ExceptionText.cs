using System.Text;

namespace Legion.Sdk;

/// <summary>What an exception says of itself. Message and stack may be the program's own code.</summary>
/// <param name="Stack">Without the message; inner exceptions follow whole.</param>
readonly record struct ExceptionText(string Type, string Message, string Stack)
{
    public static ExceptionText Of(Exception exception) =>
        new(exception.GetType().FullName ?? "", HostText.Of(exception, static exception => exception.Message), HostText.Of(exception, StackOf));

    static string StackOf(Exception exception)
    {
        if (exception.InnerException is null) return exception.StackTrace ?? "";
        var text = new StringBuilder(exception.StackTrace);
        IEnumerable<Exception> inner = exception is AggregateException aggregate ? aggregate.InnerExceptions : [exception.InnerException];
        foreach (var cause in inner) text.Append("\n ---> ").Append(cause);
        return text.ToString();
    }
}
