using System.Text;
using Legion.Kernel.Display;
using Legion.Notebook;
using Legion.Notebook.Grammar;
using Legion.Viewer;

namespace Legion.Cli;

/// <summary>What the kernel and headless runs share: the magics, and the modules that draw live cells.</summary>
static class Notebooks
{
    public static Magics Magics() => LakeVerbs.CreateMagics();

    public static CellModules Modules()
    {
        const string Folder = "cells/", Ending = ".js";
        return ViewerAssets.Names.Where(name => name.StartsWith(Folder, StringComparison.Ordinal) && name.EndsWith(Ending, StringComparison.Ordinal))
            .Aggregate(CellModules.PlotlyOnly, (modules, name) => modules.With(name[Folder.Length..^Ending.Length], Encoding.UTF8.GetString(ViewerAssets.Read(name).Span)));
    }
}
