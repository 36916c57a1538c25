import { expect, test } from "bun:test";

import { createPool } from "../../src/rotation/pool.ts";
import { keyWith } from "./rotation-key.ts";

test("tiers stand from the lowest priority number up, keys in each in the order of the configuration", () => {
  const keys = [10, 0, -1, 0, 10].map((priority, index) => keyWith({ name: `key-${index}`, priority }));
  const pool = createPool("gpt-4o", keys);
  const names = pool.tiers.map((tier) => tier.keys.map(({ name }) => name));
  expect(names).toEqual([["key-2"], ["key-1", "key-3"], ["key-0", "key-4"]]);
});

test("a pool of no keys has no tiers", () => {
  expect(createPool("gpt-4o", []).tiers).toEqual([]);
});
