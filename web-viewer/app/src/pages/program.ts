/** The file name of an executable, whichever system its path is of. */
export function programName(exe: string): string {
  return exe.slice(Math.max(exe.lastIndexOf('/'), exe.lastIndexOf('\\')) + 1) || exe;
}
