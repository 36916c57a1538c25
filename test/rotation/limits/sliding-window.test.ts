import { describe, expect, test } from "bun:test";
import { array, assert, boolean, integer, property, record } from "fast-check";

import { KEPT_PARTS, SlidingWindow, type Taken } from "../../../src/rotation/limits/sliding-window.ts";
import { MINUTE, NOW } from "../rotation-key.ts";

const PART = MINUTE / 60;

const windowWith = (limit: number, ...taken: readonly (readonly [afterMs: number, amount: number])[]) => {
  const window = new SlidingWindow(limit, MINUTE);
  for (const [afterMs, amount] of taken) window.take(amount, NOW + afterMs);
  return window;
};

test("comes back to the millisecond, each part of it a minute after it was taken", () => {
  const window = windowWith(100, [0, 60], [20_000, 30]);
  expect(window.left(NOW + 20_000)).toBe(10);
  expect(window.fitsAt(10, NOW + 20_000)).toBe(NOW + 20_000);
  expect(window.fitsAt(70, NOW + 20_000)).toBe(NOW + MINUTE);
  expect(window.fitsAt(71, NOW + 20_000)).toBe(NOW + MINUTE + 20_000);
  expect(window.left(NOW + MINUTE - 1)).toBe(10);
  expect(window.left(NOW + MINUTE)).toBe(70);
});

test("lets more than there ever is through when nothing is taken", () => {
  const window = windowWith(100, [0, 1]);
  expect(window.fitsAt(500, NOW)).toBe(NOW + MINUTE);
  window.take(500, NOW + MINUTE);
  expect(window.left(NOW + MINUTE)).toBe(-400);
  expect(window.fitsAt(1, NOW + MINUTE)).toBe(NOW + 2 * MINUTE);
});

describe("what is given back", () => {
  test("belongs to the moment at which it was taken", () => {
    const window = windowWith(100, [0, 50], [30_000, 50]);
    window.giveBack(20, NOW, NOW + 40_000);
    expect(window.left(NOW + 40_000)).toBe(20);
    expect(window.left(NOW + MINUTE)).toBe(50);
  });

  test("is nothing when its moment is over", () => {
    const window = windowWith(100, [0, 50], [30_000, 50]);
    window.giveBack(20, NOW, NOW + MINUTE);
    expect(window.left(NOW + MINUTE)).toBe(50);
  });
});

test("does not lend itself to what is asked for after the clock was put back", () => {
  const window = windowWith(10, [0, 6]);
  window.take(4, NOW - 30_000);
  expect(window.left(NOW - 30_000)).toBe(0);
  expect(window.fitsAt(1, NOW)).toBe(NOW + MINUTE);
});

const steps = array(
  record({
    afterMs: integer({ min: 0, max: 7_000 }),
    amount: integer({ min: 0, max: 40 }),
    used: integer({ min: 0, max: 60 }),
    settlesOldest: boolean(),
    /** It is kept, and goes on in another process. */
    restarts: integer({ min: 0, max: 19 }).map((chance) => chance === 0),
  }),
  { maxLength: 150 },
);

/** Takes whatever fits, settles it some time later, and looks at each step. */
function live(
  limit: number,
  sequence: readonly {
    readonly afterMs: number;
    readonly amount: number;
    readonly used: number;
    readonly settlesOldest: boolean;
    readonly restarts: boolean;
  }[],
  look: (window: SlidingWindow, taken: readonly Taken[], now: number, wasKept: boolean) => void,
) {
  let window = new SlidingWindow(limit, MINUTE);
  let now = NOW;
  let wasKept = false;
  const taken: { atMs: number; amount: number }[] = [];
  const unsettled: typeof taken = [];
  for (const { afterMs, amount, used, settlesOldest, restarts } of sequence) {
    now += afterMs;
    if (window.fitsAt(amount, now) === now) {
      window.take(amount, now);
      const one = { atMs: now, amount };
      taken.push(one);
      unsettled.push(one);
    }
    const settled = settlesOldest ? unsettled.shift() : undefined;
    if (settled !== undefined && used <= settled.amount) {
      window.giveBack(settled.amount - used, settled.atMs, now);
      settled.amount = used;
    }
    if (restarts) {
      const next = new SlidingWindow(limit, MINUTE);
      next.restore(window.kept(), now);
      window = next;
      wasKept = true;
      unsettled.length = 0;
    }
    look(window, taken, now, wasKept);
  }
}

const sumWithin = (taken: readonly Taken[], fromMs: number, untilMs: number) =>
  taken.reduce((sum, { atMs, amount }) => sum + (atMs >= fromMs && atMs < untilMs ? amount : 0), 0);

test("whatever comes and is given back, no minute has more than the limit, across restarts too", () => {
  assert(
    property(integer({ min: 40, max: 120 }), steps, (limit, sequence) => {
      live(limit, sequence, (_window, taken) => {
        for (const { atMs } of taken)
          expect(sumWithin(taken, atMs, atMs + MINUTE)).toBeLessThanOrEqual(limit);
      });
    }),
  );
});

test("whatever comes and is given back, it says to the millisecond when it lets an amount through", () => {
  assert(
    property(
      integer({ min: 40, max: 120 }),
      steps,
      integer({ min: 1, max: 150 }),
      (limit, sequence, amount) => {
        live(limit, sequence, (window, taken, now, wasKept) => {
          const atMs = window.fitsAt(amount, now);
          const needed = Math.min(amount, limit);
          // No later than a part of a minute after a count of each by itself would.
          const early = sumWithin(taken, atMs - MINUTE - (wasKept ? MINUTE / KEPT_PARTS : PART), now + 1);
          if (atMs > now) expect(early + needed).toBeGreaterThan(limit);
          expect(window.suppliedBy(now, atMs)).toBeGreaterThanOrEqual(needed);
          if (atMs > now) expect(window.suppliedBy(now, atMs - 1)).toBeLessThan(needed);
        });
      },
    ),
  );
});

test("what is kept of it is little, comes back no sooner, and does not move when it is kept again", () => {
  assert(
    property(steps, (sequence) => {
      live(100, sequence, (window, _taken, now) => {
        const kept = window.kept();
        expect(kept.length).toBeLessThanOrEqual(KEPT_PARTS + 1);
        const next = new SlidingWindow(100, MINUTE);
        next.restore(kept, now);
        expect(next.left(now)).toBe(window.left(now));
        const laterMs = next.fitsAt(50, now) - window.fitsAt(50, now);
        expect(laterMs).toBeWithin(0, MINUTE / KEPT_PARTS + 1);
        expect(next.kept()).toEqual(kept.filter(({ atMs }) => atMs + MINUTE > now));
      });
    }),
  );
});
