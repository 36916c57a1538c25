import type { Item } from "./list-page.ts";
import type { Source } from "./source.ts";

/** A thing and the account that has it, by its place among the sources. */
export interface Merged {
  readonly item: Item;
  readonly source: number;
}

/**
 * The next thing of several lists as if they were one: each keeps its own order, and among their heads the
 * newest comes first, or the oldest. Takes it from its source.
 *
 * @returns undefined when all have ended
 */
export async function takeNext(
  sources: readonly Source[],
  newestFirst: boolean,
): Promise<Merged | undefined> {
  const waiting = sources.filter(({ isReady }) => !isReady);
  if (waiting.length > 0) await Promise.all(waiting.map((source) => source.fill()));
  let best: Merged | undefined;
  for (const [source, { head: item }] of sources.entries()) {
    if (item !== undefined && (best === undefined || comesBefore(item, best.item, newestFirst))) {
      best = { item, source };
    }
  }
  if (best !== undefined) sources[best.source]?.take();
  return best;
}

/** Of the same moment, the one whose account is configured first stays first. */
function comesBefore({ atMs: a }: Item, { atMs: b }: Item, newestFirst: boolean): boolean {
  if (a === undefined || b === undefined) return false;
  return newestFirst ? a > b : a < b;
}

/**
 * So many of the next things. One that two accounts list is listed once: they are one account.
 *
 * @param passOver  whether a thing is left out
 * @param onTwice   told of a thing that an earlier source has listed
 */
export async function takeMany(
  sources: readonly Source[],
  newestFirst: boolean,
  limit: number,
  passOver: (merged: Merged) => boolean,
  onTwice: (merged: Merged, first: number) => void,
): Promise<Merged[]> {
  const taken: Merged[] = [];
  const seen = new Map<string, number>();
  while (taken.length < limit) {
    const next = await takeNext(sources, newestFirst);
    if (next === undefined) break;
    const first = seen.get(next.item.id);
    if (first !== undefined) onTwice(next, first);
    else if (!passOver(next)) {
      seen.set(next.item.id, next.source);
      taken.push(next);
    }
  }
  return taken;
}
