import { expect, test } from "bun:test";

import { PingsUnderWay } from "../../../src/proxy/websocket/pings-under-way.ts";

const pong = (pings: PingsUnderWay, data: string) => pings.answeredBy(Buffer.from(data));

function pinged(...payloads: readonly string[]): PingsUnderWay {
  const pings = new PingsUnderWay();
  for (const payload of payloads) pings.add(Buffer.from(payload));
  return pings;
}

test("a pong answers the ping with its payload, once", () => {
  const pings = pinged("a");
  expect([pong(pings, "a"), pong(pings, "a")]).toEqual([true, false]);
});

test("a pong that nobody asked for answers nothing, and takes nothing away", () => {
  const pings = pinged("a");
  expect([pong(pings, "b"), pong(pings, ""), pong(pings, "a")]).toEqual([false, false, true]);
});

test("a pong answers all pings before its own as well", () => {
  const pings = pinged("a", "b", "c");
  expect([pong(pings, "b"), pong(pings, "a"), pong(pings, "c")]).toEqual([true, false, true]);
});

test("pings that nobody answers do not pile up", () => {
  const pings = pinged(...Array.from({ length: 1_000 }, (_unused, index) => String(index)));
  expect([pong(pings, "0"), pong(pings, "999")]).toEqual([false, true]);
});
