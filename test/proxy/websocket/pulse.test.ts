import { describe, expect, test } from "bun:test";

import { Pulse } from "../../../src/proxy/websocket/pulse.ts";

function beating(idleMs = 60_000) {
  const seen: string[] = [];
  const pulse = new Pulse(
    idleMs,
    () => seen.push("ping"),
    () => seen.push("silent"),
  );
  // The watchdog takes a deadline off its list before it calls.
  const pass = () => {
    pulse.end();
    pulse.expire();
  };
  return { seen, pulse, pass };
}

describe("an upstream from which nothing comes", () => {
  test("is pinged first, and silent only when that is not answered either", () => {
    const { seen, pulse, pass } = beating();
    pass();
    expect(seen).toEqual(["ping"]);
    pass();
    expect(seen).toEqual(["ping", "silent"]);
    pulse.end();
  });

  test("is there when it answers the ping, and is pinged anew the next time", () => {
    const { seen, pulse, pass } = beating();
    pass();
    pulse.heard();
    pass();
    expect(seen).toEqual(["ping", "ping"]);
    pulse.end();
  });

  test("has half of the time before it is pinged, and half of it to answer", () => {
    const { pulse } = beating(60_000);
    expect(pulse.deadlineMs - Date.now()).toBeWithin(29_000, 30_001);
    pulse.end();
  });

  test("is not waited for while nothing is read from it", () => {
    const { pulse } = beating();
    pulse.suspend();
    expect(pulse.deadlineMs).toBe(Number.POSITIVE_INFINITY);
    pulse.heard();
    expect(pulse.deadlineMs).toBeLessThan(Number.POSITIVE_INFINITY);
    pulse.end();
  });
});
