import { expect, test } from "bun:test";

import { LatencyDigest } from "../../src/observe/latency-digest.ts";

function digestOf(...ms: number[]): LatencyDigest {
  const digest = new LatencyDigest();
  for (const each of ms) digest.add(each);
  return digest;
}

test("quantiles are within 5 % of what was counted", () => {
  const digest = digestOf(...Array.from({ length: 1_000 }, (_, at) => at + 1));
  expect((digest.quantile(0.5) ?? 0) / 500).toBeWithin(0.95, 1.05);
  expect((digest.quantile(0.95) ?? 0) / 950).toBeWithin(0.95, 1.05);
});

test("nothing is said where nothing was counted", () => {
  expect(digestOf().quantile(0.5)).toBeUndefined();
});

test("less than a millisecond and more than a quarter of an hour find a place", () => {
  expect(digestOf(0).quantile(0.5)).toBeWithin(1, 1.1);
  expect(digestOf(10_000_000).quantile(0.5)).toBeGreaterThan(900_000);
});

test("what two windows ago was slow is forgotten", () => {
  const digest = digestOf(10_000);
  digest.turn();
  expect(digest.quantile(0.5)).toBeGreaterThan(9_000);
  digest.add(10);
  digest.turn();
  expect(digest.quantile(1)).toBeLessThan(11);
});
