/** How often deadlines are looked at, and so how late one may be noticed. */
const TICK_MS = 100;

/** A deadline that can be moved for the price of an assignment, as each chunk of a stream does. */
export interface Watch {
  /** Epoch milliseconds. */
  deadlineMs: number;
  readonly onExpire: () => void;
}

const watches = new Set<Watch>();
let timer: ReturnType<typeof setInterval> | undefined;

/**
 * Calls `onExpire` once when the deadline has passed, unless `unwatch` came first. One interval serves
 * all: a timer for each chunk would cost more than the chunk.
 */
export function watch(deadlineMs: number, onExpire: () => void): Watch {
  const entry: Watch = { deadlineMs, onExpire };
  watches.add(entry);
  timer ??= setInterval(sweep, TICK_MS);
  return entry;
}

export function unwatch(entry: Watch): void {
  watches.delete(entry);
}

function sweep(): void {
  // Stopped here rather than in `unwatch`: between two requests it would be stopped and started for nothing.
  if (watches.size === 0) {
    clearInterval(timer);
    timer = undefined;
    return;
  }
  const now = Date.now();
  for (const entry of watches) {
    if (entry.deadlineMs > now) continue;
    unwatch(entry);
    entry.onExpire();
  }
}
