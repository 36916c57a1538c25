/** How wide what is written to standard output may be, in columns; Infinity where it is no terminal. */
export function windowWidth(): number {
  const { isTTY, columns } = process.stdout;
  // A terminal that does not say how wide it is, as a serial line, is as wide as they all were once.
  return isTTY ? columns || 80 : Infinity;
}
