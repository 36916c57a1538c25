/**
 * What an id is known by: 53 bits, which a double and SQLite's row numbers both hold. Among ten million
 * ids one that was never seen passes for another once in a thousand million times.
 */
export function hashOfId(id: string): number {
  return Number(BigInt.asUintN(53, Bun.hash.wyhash(id)));
}
