import { describe, expect, test } from "bun:test";

import { simulate, type Simulated, type Simulation } from "./simulate.ts";

const SEEDS = [1, 2, 3];

/** The mean over some runs, which chance makes a little different each. */
function runs(what: Omit<Simulation, "windows" | "seed">): Simulated {
  const all = SEEDS.map((seed) => simulate({ ...what, windows: 6, seed }));
  const mean = (of: (one: Simulated) => number) => all.reduce((sum, one) => sum + of(one), 0) / all.length;
  return {
    succeeded: mean(({ succeeded }) => succeeded),
    refused: mean(({ refused }) => refused),
    goodput: mean(({ goodput }) => goodput),
    p99WaitMs: mean(({ p99WaitMs }) => p99WaitMs),
  };
}

describe.each(["token-bucket", "fixed-window"] as const)("strict limits of the kind %s", (kind) => {
  describe.each([
    ["of requests", false],
    ["of tokens, with requests of varied size", true],
  ])("%s", (_name, tokens) => {
    test.each([0.6, 0.95])("that are told let every request through in time at %d of them", (load) => {
      const { succeeded, refused, p99WaitMs } = runs({ kind, tokens, headers: true, load });
      expect(succeeded).toBeGreaterThanOrEqual(99.9);
      expect(refused).toBeLessThan(1);
      expect(p99WaitMs).toBeLessThan(1_000);
    });

    test.each([0.6, 0.95])(
      "that nobody tells are found out at the cost of few refusals at %d of them",
      (load) => {
        const { succeeded, refused } = runs({ kind, tokens, headers: false, load });
        expect(succeeded).toBeGreaterThanOrEqual(99.5);
        expect(refused).toBeLessThan(2);
      },
    );

    test.each([
      ["told", true],
      ["not told", false],
    ])("that are %s are used up by an overload", (_told, headers) => {
      const { goodput, refused } = runs({ kind, tokens, headers, load: 1.2 });
      // Much more would be what keys had saved up while they were not made use of at first.
      expect(goodput).toBeWithin(97, 103);
      expect(refused).toBeLessThan(headers ? 1 : 2);
    });
  });
});
