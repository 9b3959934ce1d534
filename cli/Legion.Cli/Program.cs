using Legion.Cli;
using Legion.Lakehouse.Sql.Workers;

// Before anything else has run in the program, which becomes another one.
if (args is [SqlWorker.CommandName, ..]) return SqlWorker.Run(args);
return await CommandLine.RunAsync(args);
