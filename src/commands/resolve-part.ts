import type { Resolvable } from "citty";

/** citty lets each part of a command be a value, a promise of one, or a function that makes one. */
export async function resolvePart<T extends object>(part: Resolvable<T> | undefined): Promise<T | undefined> {
  return await (typeof part === "function" ? part() : part);
}
