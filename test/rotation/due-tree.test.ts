import { expect, test } from "bun:test";
import { array, assert, constantFrom, integer, property, tuple } from "fast-check";

import { DueTree } from "../../src/rotation/due-tree.ts";

test("a due tree knows the soonest of its instants and a place of it, whatever was set before", () => {
  const instants = constantFrom(0, 1, 2, 5, 1_763_000_000_000, Number.POSITIVE_INFINITY);
  const changes = array(tuple(integer({ min: 0, max: 40 }), instants), { maxLength: 80 });
  assert(
    property(integer({ min: 1, max: 41 }), changes, (size, sequence) => {
      const tree = new DueTree(size);
      const plain = Array.from({ length: size }, () => Number.POSITIVE_INFINITY);
      expect(tree.soonestMs).toBe(Number.POSITIVE_INFINITY);
      for (const [at, instant] of sequence) {
        tree.set(at % size, instant);
        plain[at % size] = instant;
        expect(tree.soonestMs).toBe(Math.min(...plain));
        if (tree.soonestMs < Number.POSITIVE_INFINITY) expect(plain[tree.first()]).toBe(tree.soonestMs);
      }
    }),
  );
});
