using System.Text;
using Legion.Kernel.Display;
using Legion.Kernel.Notebooks;
using Legion.Lakehouse;
using Legion.Notebook;
using Legion.Notebook.Grammar;
using Legion.Viewer;

namespace Legion.Cli;

/// <summary>What the kernel and headless runs share: the magics, and the modules that draw live cells.</summary>
static class Notebooks
{
    static readonly Lazy<ReportScripts> reports = new(() => new ReportScripts(Modules()));

    public static Magics Magics() => LakeVerbs.CreateMagics();

    public static CellModules Modules()
    {
        const string Folder = "cells/", Ending = ".js";
        return ViewerAssets.Names.Where(name => name.StartsWith(Folder, StringComparison.Ordinal) && name.EndsWith(Ending, StringComparison.Ordinal))
            .Aggregate(CellModules.PlotlyOnly, (modules, name) => modules.With(name[Folder.Length..^Ending.Length], Encoding.UTF8.GetString(ViewerAssets.Read(name).Span)));
    }

    /// <summary>Reads a page that is to be published.</summary>
    /// <exception cref="FormatException">It is no report of this version.</exception>
    public static ReportContent ReadReport(ReadOnlyMemory<byte> html) => reports.Value.Read(html);
}
