using Legion.Cli;

return await CommandLine.RunAsync(args);
