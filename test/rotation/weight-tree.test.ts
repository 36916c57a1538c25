import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, double, integer, property, tuple } from "fast-check";

import { WeightTree } from "../../src/rotation/weight-tree.ts";

const shares = double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
/** From what is lost beside others to what others are lost beside. */
const weights = constantFrom(0, 0, 1e-9, 0.1, 0.2, 1, 3, 1e12);

describe("a weight tree", () => {
  test("draws only places with a weight, and finds the next of them, whatever was set before", () => {
    const changes = array(tuple(integer({ min: 0, max: 40 }), weights), { maxLength: 80 });
    assert(
      property(integer({ min: 1, max: 41 }), changes, shares, (size, sequence, share) => {
        const plain = Array.from({ length: size }, (_value, place) => place % 3);
        const tree = new WeightTree(plain);
        for (const [at, weight] of sequence) {
          tree.set(at % size, weight);
          plain[at % size] = weight;
        }
        for (let from = 0; from <= size; from += 1) {
          expect(tree.next(from)).toBe(plain.findIndex((weight, place) => place >= from && weight > 0));
        }
        if (plain.some((weight) => weight > 0)) expect(plain[tree.draw(share)]).toBeGreaterThan(0);
      }),
    );
  });

  test("draws each place over the stretch of its weight", () => {
    const tree = new WeightTree([1, 2, 5]);
    expect([0, 0.12, 0.13, 0.37, 0.38, 0.99].map((share) => tree.draw(share))).toEqual([0, 0, 1, 1, 2, 2]);
  });

  test("leaves no rounding behind where nothing has a weight", () => {
    const tree = new WeightTree([0.1, 0.2, 0.3]);
    for (const weight of [0.7, 0.1, 0]) for (const place of [0, 1, 2]) tree.set(place, weight);
    expect(tree.next(0)).toBe(-1);
  });
});
