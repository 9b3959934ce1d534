using System.Text.Json.Nodes;
using Legion.Kernel.Jupyter;

namespace Legion.Tests.Kernel;

public sealed class HistoryTests
{
    [Theory]
    [InlineData("{\"hist_access_type\":\"tail\",\"n\":2}", "[[1,3,\"var a = 2;\"],[1,5,\"a\"]]")]
    [InlineData("{\"hist_access_type\":\"tail\",\"n\":1,\"output\":true}", "[[1,5,[\"a\",\"2\"]]]")]
    [InlineData("{\"hist_access_type\":\"tail\",\"n\":1,\"output\":false}", "[[1,5,\"a\"]]")]
    [InlineData("{\"hist_access_type\":\"range\",\"session\":0,\"start\":2,\"stop\":5}", "[[1,2,\"1 +\\n1\"],[1,3,\"var a = 2;\"]]")]
    [InlineData("{\"hist_access_type\":\"range\",\"session\":1,\"start\":3}", "[[1,3,\"var a = 2;\"],[1,5,\"a\"]]")]
    [InlineData("{\"hist_access_type\":\"range\",\"session\":-1,\"start\":0,\"stop\":9}", "[]")]
    [InlineData("{\"hist_access_type\":\"search\",\"pattern\":\"var*\",\"n\":9}", "[[1,1,\"var a = 2;\"],[1,3,\"var a = 2;\"]]")]
    [InlineData("{\"hist_access_type\":\"search\",\"pattern\":\"*a*\",\"n\":9,\"unique\":true}", "[[1,3,\"var a = 2;\"],[1,5,\"a\"]]")]
    [InlineData("{\"hist_access_type\":\"search\",\"pattern\":\"1 +?1\"}", "[[1,2,\"1 +\\n1\"]]")]
    [InlineData("{}", "[[1,1,\"var a = 2;\"],[1,2,\"1 +\\n1\"],[1,3,\"var a = 2;\"],[1,5,\"a\"]]")]
    public void AnswersWhatAFrontEndAsksFor(string request, string expected)
    {
        var history = new JupyterHistory();
        history.Add(1, "var a = 2;", null);
        history.Add(2, "1 +\n1", "2");
        history.Add(3, "var a = 2;", null);
        history.Add(5, "a", "2");
        var found = history.Find(JsonNode.Parse(request)!.AsObject());
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), found), found.ToJsonString());
    }
}
