using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Legion.Cli.Control;
using Legion.Lakehouse;
using Legion.Store;

namespace Legion.Cli.Commands;

/// <summary><c>legion report ...</c>: notebooks with their outputs, for everybody who may read to open in the viewer. Of a lake that the program opens itself, or of a service.</summary>
static class ReportCommand
{
    const string NotebookEnding = ".ipynb";

    public static Command Create() => new("report", "Publishes, lists and removes reports: notebooks with their outputs, as pages of the viewer.") { Publish(), List(), Remove() };

    static string Actor => "user " + Environment.UserName;

    static Option<string?> Url() => new("--url") { Description = $"the service that has the lake, such as {ServeCommand.DefaultUrls}; its key is in {ServiceKey.Variable} (default: the lake itself)", HelpName = "U" };

    static Command Publish()
    {
        var file = new Argument<string>("FILE") { Description = "a report that `legion notebook run --out` wrote (.html), or a notebook to be run (.ipynb)" };
        var title = new Option<string?>("--title") { Description = "what it is called (default: its first heading)", HelpName = "T" };
        var days = new Option<int?>("--days") { Description = "for how many days it opens (default: until it is removed)", HelpName = "N" };
        var (url, json) = (Url(), Json());
        var command = new Command("publish", "Publishes a report and prints its address.") { file, title, days, url, json };
        var (tenant, lake) = (CommandTenant.AddTo(command), LakeOptions.AddTo(command));
        command.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(days) is < 1) throw CommandFailure.Usage($"cannot use '{parsed.GetValue(days)}' as --days: expected at least 1");
            var service = parsed.GetValue(url) is { } address ? ServiceClient.Parse(address) : null;
            using (service)
            {
                var html = await PageOfAsync(parsed.GetRequiredValue(file), cancellation);
                var published = service is not null
                    ? await service.PublishAsync(html, parsed.GetValue(title), parsed.GetValue(days), cancellation)
                    : Of(await PublishAsync(lake.OpenOrCreate(parsed), tenant.Read(parsed), html, parsed.GetValue(title), parsed.GetValue(days), cancellation));
                var output = parsed.InvocationConfiguration.Output;
                if (parsed.GetValue(json)) output.WriteLine(JsonSerializer.Serialize(Fields(published)));
                else output.WriteLine(service is null ? published.Path : service.AddressOf(published.Path));
                return ExitCode.Done;
            }
        });
        return command;
    }

    static Command List()
    {
        var search = new Option<string>("--search") { Description = "those whose title or author has this", HelpName = "TEXT", DefaultValueFactory = _ => "" };
        var (url, json) = (Url(), Json());
        var command = new Command("list", "Lists reports, newest first.") { search, url, json };
        var (tenant, lake) = (CommandTenant.AddTo(command), LakeOptions.AddTo(command));
        command.SetAction(async (parsed, cancellation) =>
        {
            var found = parsed.GetValue(url) is { } address
                ? await ListAsync(address, parsed.GetRequiredValue(search), cancellation)
                : [.. (await new LakeReports(new Lake(lake.Open(parsed), tenant.Read(parsed), TimeProvider.System)).ListAsync(parsed.GetRequiredValue(search), cancellation)).Select(Of)];
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) output.WriteLine(JsonSerializer.Serialize(found.Select(Fields)));
            else
                foreach (var report in found) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Id}  {TimeText.Format(report.CreatedNs)}  {report.Bytes,12:N0}  {report.By}  {report.Title}"));
            return ExitCode.Done;
        });
        return command;
    }

    static Command Remove()
    {
        var id = new Argument<string>("ID") { Description = "the report's id, as `legion report list` shows it" };
        var url = Url();
        var command = new Command("remove", "Takes a report away for good; its address says so afterwards.") { id, url };
        var (tenant, lake) = (CommandTenant.AddTo(command), LakeOptions.AddTo(command));
        command.SetAction(async (parsed, cancellation) =>
        {
            var named = parsed.GetRequiredValue(id);
            if (parsed.GetValue(url) is { } address)
            {
                using var service = ServiceClient.Parse(address);
                await service.RemoveAsync(named, cancellation);
                return ExitCode.Done;
            }
            try
            {
                await new LakeReports(new Lake(lake.Open(parsed), tenant.Read(parsed), TimeProvider.System)).RemoveAsync(named, cancellation);
                return ExitCode.Done;
            }
            catch (Exception cause) when (cause is NotInLakeException or ReportClosedException)
            {
                throw CommandFailure.NotFound(cause.Message);
            }
        });
        return command;
    }

    static async Task<IReadOnlyList<PublishedReport>> ListAsync(string url, string search, CancellationToken cancellation)
    {
        using var service = ServiceClient.Parse(url);
        return await service.ListAsync(search, cancellation);
    }

    static async Task<ReportRow> PublishAsync(LakeStore store, Tenant tenant, byte[] html, string? title, int? days, CancellationToken cancellation)
    {
        try
        {
            return await new LakeReports(new Lake(store, tenant, TimeProvider.System))
                .PublishAsync(html, title, days is { } left ? TimeSpan.FromDays(left) : null, Actor, Notebooks.ReadReport, cancellation);
        }
        catch (Exception cause) when (cause is FormatException or ReportTooLargeException)
        {
            throw CommandFailure.Failed($"cannot publish the report: {cause.Message}", cause);
        }
    }

    /// <summary>A notebook is run first: what it shows is published.</summary>
    static async Task<byte[]> PageOfAsync(string file, CancellationToken cancellation)
    {
        if (!File.Exists(file)) throw CommandFailure.NotFound($"cannot publish '{file}': no such file");
        if (!Path.GetExtension(file).Equals(NotebookEnding, StringComparison.OrdinalIgnoreCase)) return await File.ReadAllBytesAsync(file, cancellation);
        var folder = Directory.CreateTempSubdirectory("legion-report-");
        try
        {
            var page = Path.Combine(folder.FullName, "report.html");
            await NotebookCommand.ExecuteAsync(file, new Dictionary<string, string>(), page, cancellation);
            return await File.ReadAllBytesAsync(page, cancellation);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static Option<bool> Json() => new("--json") { Description = "as JSON" };

    static PublishedReport Of(ReportRow row) => new(row.ReportId, ReportRow.Path + row.ReportId, row.Title, row.CreatedNs, row.CreatedBy, row.ExpiresNs, row.Bytes);

    static object Fields(PublishedReport report) => new
    {
        report = report.Id,
        path = report.Path,
        title = report.Title,
        created = TimeText.Format(report.CreatedNs),
        created_by = report.By,
        expires = report.ExpiresNs is { } expires ? TimeText.Format(expires) : null,
        bytes = report.Bytes,
    };
}
