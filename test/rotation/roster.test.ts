import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, integer, property, record } from "fast-check";

import { type RestReason, Roster, type Sleeper, wakeAll } from "../../src/rotation/roster.ts";
import { NOW } from "./rotation-key.ts";

const REASONS = ["dead", "unserved-model", "limited", "busy"] as const;
const ofEqualWeight = (size: number) => new Roster(Array.from({ length: size }, () => 1));

function awakeOf(roster: Roster): number[] {
  const places: number[] = [];
  for (let place = roster.next(0); place >= 0; place = roster.next(place + 1)) places.push(place);
  return places;
}

describe("a roster", () => {
  test("has all keys awake at first", () => {
    expect(awakeOf(ofEqualWeight(3))).toEqual([0, 1, 2]);
  });

  test("wakes a key at the very millisecond that is its time", () => {
    const roster = ofEqualWeight(2);
    roster.rest(0, NOW + 100, "limited");
    roster.wakeDue(NOW + 99);
    expect(awakeOf(roster)).toEqual([1]);
    roster.wakeDue(NOW + 100);
    expect(awakeOf(roster)).toEqual([0, 1]);
  });

  test("wakes what a change concerns, and nothing else", () => {
    const roster = ofEqualWeight(3);
    const sleepers: Sleeper[] = [];
    for (const place of [0, 1, 2]) roster.rest(place, Number.POSITIVE_INFINITY, "busy");
    sleepers.push(roster.sleeperAt(1));
    wakeAll(sleepers);
    expect(awakeOf(roster)).toEqual([1]);
    roster.rest(1, Number.POSITIVE_INFINITY, "dead");
    wakeAll(sleepers);
    expect(awakeOf(roster)).toEqual([]);
  });

  test("wakes a herd that is due together in parts, and says that there is more", () => {
    const roster = ofEqualWeight(1_000);
    for (let place = 0; place < 1_000; place += 1) roster.rest(place, NOW, "limited");
    const counts: number[] = [];
    while (roster.dueMs <= NOW) {
      roster.wakeDue(NOW);
      counts.push(roster.awakeCount);
    }
    expect(counts.at(0)).toBeLessThan(1_000);
    expect(counts.at(-1)).toBe(1_000);
  });

  test("shows who is due, the soonest first, and changes nothing by that", () => {
    const roster = ofEqualWeight(4);
    for (const [place, ms] of [30, 10, 20].entries()) roster.rest(place, NOW + ms, "limited");
    roster.rest(3, Number.POSITIVE_INFINITY, "dead");
    const seen: [number, number][] = [];
    roster.peekDue((place, untilMs) => {
      seen.push([place, untilMs - NOW]);
      return false;
    });
    expect(seen).toEqual([
      [1, 10],
      [2, 20],
      [0, 30],
    ]);
    expect(roster.dueMs).toBe(NOW + 10);
    expect(awakeOf(roster)).toEqual([]);
  });

  test("agrees with a plain list, whoever rests and wakes in whatever order", () => {
    const steps = array(
      record({
        step: constantFrom("rest", "rest", "wake", "pass"),
        at: integer({ min: 0, max: 70 }),
        reason: constantFrom(...REASONS),
        forMs: constantFrom(0, 1, 50, 1_000, Number.POSITIVE_INFINITY),
      }),
      { maxLength: 150 },
    );
    assert(
      property(array(integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 70 }), steps, (weights, all) => {
        const roster = new Roster(weights);
        const plain = weights.map((): { untilMs: number; reason: RestReason } | undefined => undefined);
        let now = NOW;
        for (const { step, at, reason, forMs } of all) {
          const place = at % weights.length;
          if (step === "rest") {
            roster.rest(place, now + forMs, reason);
            plain[place] = { untilMs: now + forMs, reason };
          } else if (step === "wake") {
            roster.wake(place);
            plain[place] = undefined;
          } else {
            now += at * 20;
            roster.wakeDue(now);
            for (const [index, rest] of plain.entries()) {
              if (rest !== undefined && rest.untilMs <= now) plain[index] = undefined;
            }
          }
          const awake = [...plain.keys()].filter((index) => plain[index] === undefined);
          expect(awakeOf(roster)).toEqual(awake);
          expect(roster.awakeCount).toBe(awake.length);
          expect(roster.dueMs).toBe(
            Math.min(Number.POSITIVE_INFINITY, ...plain.flatMap((rest) => rest?.untilMs ?? [])),
          );
          for (const one of REASONS) {
            expect(roster.restingFor(one)).toBe(plain.filter((rest) => rest?.reason === one).length);
          }
          if (awake.length > 0) expect(awake).toContain(roster.draw((at % 71) / 71));
        }
      }),
    );
  });
});
