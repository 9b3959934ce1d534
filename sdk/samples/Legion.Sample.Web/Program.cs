using Legion.Sample.Web;
using Legion.Sdk.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

// A shop of which one endpoint asks another over HTTP. All that it records comes from ASP.NET Core, HttpClient, its logs and the runtime.
var requests = Array.IndexOf(args, "--requests") is var at and >= 0 && at + 1 < args.Length && int.TryParse(args[at + 1], out var count) && count >= 0 ? count : (int?)null;
if (args.Contains("--requests") && requests is null)
{
    Console.Error.WriteLine("cannot read --requests: expected a number; usage: Legion.Sample.Web [--requests N] [--urls http://127.0.0.1:PORT]");
    return 2;
}

// Its settings lie beside it, wherever it is started from.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.AddLegion();
builder.WebHost.UseUrls(builder.Configuration["urls"] ?? "http://127.0.0.1:0");
builder.Services.AddHttpClient();
var app = builder.Build();

app.MapGet("/orders/{id:int}", async (int id, IHttpClientFactory clients, IServer server, ILogger<Order> log) =>
{
    using var client = clients.CreateClient();
    client.BaseAddress = Address(server);
    log.LogInformation("order {OrderId} is looked up", id);
    var stock = await client.GetFromJsonAsync<Stock>($"/stock/{id % 10}");
    var order = Order.Price(id, stock!);
    log.LogInformation("order {OrderId} has {Items} items for {Total:F2}", id, order.Items, order.Total);
    return order;
});

app.MapGet("/stock/{item:int}", (int item, ILogger<Stock> log) =>
{
    var stock = Stock.Of(item);
    if (stock.Left < 20) log.LogWarning("only {Left} of item {Item} are left", stock.Left, item);
    return stock;
});

app.MapGet("/fail", string () => throw new InvalidOperationException("this endpoint always fails"));

if (requests is not { } wanted)
{
    await app.RunAsync();
    return 0;
}

await app.StartAsync();
using (var client = new HttpClient { BaseAddress = Address(app.Services.GetRequiredService<IServer>()) })
{
    for (var number = 0; number < wanted; number++)
    {
        // Every fifth fails, so that there is something to find.
        using var answer = await client.GetAsync(number % 5 == 4 ? "/fail" : $"/orders/{number}");
        await answer.Content.ReadAsByteArrayAsync();
    }
}
await app.StopAsync();
await app.DisposeAsync();
Console.WriteLine($"made {wanted} requests");
return 0;

static Uri Address(IServer server) => new(server.Features.Get<IServerAddressesFeature>()!.Addresses.First());
