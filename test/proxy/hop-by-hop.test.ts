import { describe, expect, test } from "bun:test";

import { dropHopByHop } from "../../src/proxy/hop-by-hop.ts";

function left(fields: Record<string, string>): Record<string, string> {
  const headers = new Headers(fields);
  dropHopByHop(headers);
  return Object.fromEntries(headers);
}

describe("fields of one connection", () => {
  test.each([
    "Connection",
    "Keep-Alive",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Connection",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
  ])("%s goes no further", (name) => {
    expect(left({ [name]: "x", accept: "*/*" })).toEqual({ accept: "*/*" });
  });

  test("that Connection names go no further, however it is written", () => {
    const fields = {
      Connection: "close, X-Hop ,x-other,, keep-alive",
      "x-hop": "1",
      "X-Other": "2",
      "x-kept": "3",
    };
    expect(left(fields)).toEqual({ "x-kept": "3" });
  });

  test("that Connection cannot name break nothing", () => {
    expect(left({ connection: "a b, (, ;", accept: "*/*" })).toEqual({ accept: "*/*" });
  });

  test("are all that goes", () => {
    const kept = {
      "content-type": "text/event-stream",
      "content-encoding": "gzip",
      date: "Thu, 13 Nov 2025 02:13:20 GMT",
      "x-ratelimit-remaining-requests": "59",
      via: "1.1 edge",
    };
    expect(left({ ...kept, connection: "keep-alive" })).toEqual(kept);
  });
});
