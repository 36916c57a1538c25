import { describe, expect, test } from "bun:test";

import { relayBody, type RelayEnd } from "../../src/proxy/relay.ts";
import { bodyOf } from "./body-of.ts";

function relay(head: string[], rest: string[], error?: Error, isCutOff = false) {
  const ends: RelayEnd[] = [];
  const seen: string[] = [];
  const stream = relayBody(
    head.map((chunk) => Buffer.from(chunk)),
    bodyOf(rest, error),
    {
      onChunk: (chunk) => seen.push(Buffer.from(chunk).toString()),
      isCutOff: () => isCutOff,
      onStall: () => {},
      onResume: () => {},
      onEnd: (how) => ends.push(how),
    },
  );
  return { stream, ends, seen };
}

describe("a relayed body", () => {
  test("is what was read already and then the rest, in order", async () => {
    const { stream, ends, seen } = relay(["a", "b"], ["c", "d"]);
    expect(await new Response(stream).text()).toBe("abcd");
    expect(seen).toEqual(["a", "b", "c", "d"]);
    expect(ends).toEqual(["complete"]);
  });

  test("is broken off where its end is none", async () => {
    const { stream, ends } = relay(["a"], ["b"], undefined, true);
    expect(new Response(stream).text()).rejects.toThrow("within an event");
    await new Response(relay([], []).stream).text();
    expect(ends).toEqual(["upstream-broke-off"]);
  });

  test("may be empty", async () => {
    const { stream, ends } = relay([], []);
    expect(await new Response(stream).text()).toBe("");
    expect(ends).toEqual(["complete"]);
  });

  test("is never ended cleanly where its upstream broke off", async () => {
    const { stream, ends } = relay(["a"], ["b"], new Error("ECONNRESET"));
    await expect(new Response(stream).text()).rejects.toThrow();
    expect(ends).toEqual(["upstream-broke-off"]);
  });

  test("ends once when its client goes away, and reads no more", async () => {
    const { stream, ends, seen } = relay([], ["a", "b", "c"]);
    await stream.cancel();
    expect(ends).toEqual(["client-went-away"]);
    expect(seen).toEqual([]);
  });
});
