import { Alarm, unwatch, watch } from "./watchdog.ts";

/** A wait that is given up after a while. */
export interface Patience {
  /** Kept when it has run out. */
  readonly ranOut: Promise<undefined>;
  /** What was waited for is there. */
  end(): void;
}

export function patienceFor(durationMs: number): Patience {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const alarm = new Alarm(Date.now() + durationMs, () => resolve(undefined));
  watch(alarm);
  return { ranOut: promise, end: () => unwatch(alarm) };
}
