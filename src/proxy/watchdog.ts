/** How often deadlines are looked at, and so how late one may be noticed. */
const TICK_MS = 100;

/**
 * A deadline that can be moved for the price of an assignment, as each chunk of a stream does. Whoever has
 * one extends it: a closure beside it would be one more thing to allocate for each request.
 */
export abstract class Deadline {
  /** Epoch milliseconds. */
  deadlineMs: number;
  /** Its index in `watched`; -1 while nobody looks at it. */
  place = -1;

  constructor(deadlineMs: number) {
    this.deadlineMs = deadlineMs;
  }

  /** Called once when the deadline has passed. */
  abstract expire(): void;
}

/** A deadline of something rare enough for a closure. */
export class Alarm extends Deadline {
  readonly #ring: () => void;

  constructor(deadlineMs: number, ring: () => void) {
    super(deadlineMs);
    this.#ring = ring;
  }

  override expire(): void {
    this.#ring();
  }
}

/**
 * An array from which the last takes the place of whoever leaves. A `Set` would hold on to what was
 * deleted from it until the next full collection, and with it to each whole request that had a deadline:
 * measured on Bun 1.4.5, 23 MB of dead requests instead of 10.
 */
const watched: Deadline[] = [];
let timer: ReturnType<typeof setInterval> | undefined;

/**
 * Looks at a deadline until it has passed, unless `unwatch` comes first. One interval serves all: a timer
 * for each chunk would cost more than the chunk.
 */
export function watch(deadline: Deadline): void {
  deadline.place = watched.length;
  watched.push(deadline);
  timer ??= setInterval(sweep, TICK_MS);
}

export function unwatch(deadline: Deadline): void {
  if (deadline.place < 0) return;
  const last = watched.pop();
  if (last !== undefined && last !== deadline) {
    last.place = deadline.place;
    watched[last.place] = last;
  }
  deadline.place = -1;
}

function sweep(): void {
  // Stopped here rather than in `unwatch`: between two requests it would be stopped and started for nothing.
  if (watched.length === 0) {
    clearInterval(timer);
    timer = undefined;
    return;
  }
  const now = Date.now();
  for (const deadline of watched.filter(({ deadlineMs }) => deadlineMs <= now)) {
    // One that expired may have ended another.
    if (deadline.place < 0) continue;
    unwatch(deadline);
    deadline.expire();
  }
}
