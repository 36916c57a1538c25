/** The script that this process runs; none where it is compiled, since the script lies inside the executable then. */
export function ownScript(argv: readonly string[]): string[] {
  const script = argv[1];
  return script === undefined || /^(?:\/\$bunfs\/|B:[\\/]~BUN[\\/])/.test(script) ? [] : [script];
}
