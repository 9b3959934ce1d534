using Legion.Sample.Web;
using Legion.Sdk.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

// A shop of which one endpoint asks another over HTTP. All that it records comes from ASP.NET Core, HttpClient, its logs and the runtime.
var (requests, perSecond) = (Number("--requests"), Number("--per-second"));
if (requests < 0 || perSecond < 0)
{
    Console.Error.WriteLine($"cannot read {(requests < 0 ? "--requests" : "--per-second")}: expected a number; usage: Legion.Sample.Web [--requests N [--per-second N]] [--urls http://127.0.0.1:PORT]");
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

var reports = new Report[2];
app.MapGet("/report/{number:int}", (int number) =>
{
    // The last two are kept, so that some of what is allocated lives longer than a request.
    var report = reports[number % reports.Length] = Report.Of(number);
    return new { report.Number, Lines = report.Lines.Count };
});

app.MapGet("/fail", string () => throw new InvalidOperationException("this endpoint always fails"));

if (requests is not { } wanted)
{
    await app.RunAsync();
    return 0;
}

await app.StartAsync();
using (var client = new HttpClient { BaseAddress = Address(app.Services.GetRequiredService<IServer>()) })
using (var pace = perSecond > 0 ? new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond.Value)) : null)
{
    for (var number = 0; number < wanted; number++)
    {
        // Every fifth fails, and every fiftieth takes much memory, so that there is something to find.
        using var answer = await client.GetAsync(number % 5 == 4 ? "/fail" : number % 50 == 25 ? $"/report/{number}" : $"/orders/{number}");
        await answer.Content.ReadAsByteArrayAsync();
        if (pace is not null) await pace.WaitForNextTickAsync();
    }
}
await app.StopAsync();
await app.DisposeAsync();
Console.WriteLine($"made {wanted} requests");
return 0;

// Null where it is not asked for, -1 where it is no number.
int? Number(string option) =>
    Array.IndexOf(args, option) is var at && at < 0 ? null : at + 1 < args.Length && int.TryParse(args[at + 1], out var count) && count >= 0 ? count : -1;

static Uri Address(IServer server) => new(server.Features.Get<IServerAddressesFeature>()!.Addresses.First());
