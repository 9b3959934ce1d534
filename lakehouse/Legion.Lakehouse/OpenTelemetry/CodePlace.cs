using Google.Protobuf.Collections;

namespace Legion.Lakehouse.OpenTelemetry;

/// <summary>Thread, file and line as the semantic conventions name them among attributes, in their present and their former words; empty and 0 where there are none.</summary>
readonly struct CodePlace
{
    public CodePlace(RepeatedField<KeyValue> attributes)
    {
        (Thread, File, Line) = ("", "", 0);
        foreach (var attribute in attributes)
        {
            switch (attribute.Key)
            {
                case "thread.name": Thread = attribute.Value?.StringValue ?? ""; break;
                case "code.file.path" or "code.filepath": File = attribute.Value?.StringValue ?? ""; break;
                case "code.line.number" or "code.lineno": Line = (int)Math.Clamp(attribute.Value?.IntValue ?? 0, 0, int.MaxValue); break;
            }
        }
    }

    public string Thread { get; }
    public string File { get; }
    public int Line { get; }
}
