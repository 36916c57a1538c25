import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, integer, property, record } from "fast-check";

import type { Arrived } from "../../src/rotation/by-client.ts";
import { Line } from "../../src/rotation/line.ts";
import { NOW } from "./rotation-key.ts";

const arrived = (sinceMs: number, tokens = 1): Arrived => ({ sinceMs, tokens });

/** Who comes back then; the mark is of no matter here. */
function promise(line: Line<Arrived>, client: string, sinceMs: number, tokens = 1): void {
  line.tickets.issue(client, {
    mark: `${client}${line.tickets.size}`,
    sinceMs,
    tokens,
    issuedMs: sinceMs,
    dueMs: sinceMs + 10_000,
  });
}

describe("ahead of a request are", () => {
  test("those of its client who came before, whether they wait or are to come back", () => {
    const line = new Line<Arrived>();
    for (const ms of [1, 2, 30]) line.join("a", arrived(NOW + ms), NOW);
    promise(line, "a", NOW + 3);
    promise(line, "a", NOW + 40);
    expect(line.ahead("a", NOW + 20)).toBe(3);
    expect(line.ahead("a", NOW + 99)).toBe(5);
  });

  test("of every other client no more than have their turn until then", () => {
    const line = new Line<Arrived>();
    for (let index = 0; index < 100; index += 1) line.join("flood", arrived(NOW + index), NOW);
    line.join("other", arrived(NOW), NOW);
    expect(line.ahead("single", NOW + 500)).toBe(2);
    expect(line.ahead("flood", NOW + 500)).toBe(101);
  });

  test("of those who are to come back only as many as mostly do", () => {
    const line = new Line<Arrived>();
    for (let index = 0; index < 300; index += 1) promise(line, "a", NOW);
    line.tickets.sweep(NOW + 20_000);
    for (let index = 0; index < 100; index += 1) promise(line, "a", NOW + 20_000);
    expect(line.ahead("a", NOW + 30_000)).toBeLessThan(10);
  });

  test("as many as are really served before it, where each client is served in turn", () => {
    const joined = array(
      record({ client: constantFrom("a", "b", "c"), sinceMs: integer({ min: 0, max: 50 }) }),
      { maxLength: 40 },
    );
    assert(
      property(joined, constantFrom("a", "b", "c", "d"), (others, client) => {
        const line = new Line<Arrived>();
        for (const { client: other, sinceMs } of others) line.join(other, arrived(NOW + sinceMs), NOW);
        const ours = arrived(NOW + 100);
        const expected = line.ahead(client, ours.sinceMs);
        line.join(client, ours, NOW);
        let before = 0;
        while (line.queue.peek() !== ours) {
          line.serve();
          before += 1;
        }
        // Whose turn it is now is not asked: at most the turns of one round are off.
        expect(expected).toBeGreaterThanOrEqual(before);
        expect(expected - before).toBeLessThan(4);
      }),
    );
  });
});

describe("a line", () => {
  test("knows the mean of what all who want a key are likely to count", () => {
    const line = new Line<Arrived>();
    line.join("a", arrived(NOW, 100), NOW);
    promise(line, "a", NOW, 500);
    expect(line.meanTokens(900)).toBe(500);
  });

  test("tells its pace since somebody waits", () => {
    const line = new Line<Arrived>();
    for (let index = 0; index < 5; index += 1) line.join("a", arrived(NOW), NOW);
    expect(line.msEach(NOW + 1_000)).toBe(0);
    line.serve();
    line.serve();
    expect(line.msEach(NOW + 1_000)).toBe(500);
    for (let index = 0; index < 3; index += 1) line.serve();
    line.join("a", arrived(NOW), NOW + 60_000);
    expect(line.msEach(NOW + 61_000)).toBe(0);
  });
});
