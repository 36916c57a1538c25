import { expect, test } from "bun:test";

import { checkHandshake, isHandshake } from "../../../src/proxy/websocket/handshake.ts";

const GOOD = {
  connection: "keep-alive, Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

function handshake(headers: Record<string, string> = {}, method = "GET"): Request {
  return new Request("http://localhost/v1/realtime", { method, headers: { ...GOOD, ...headers } });
}

test("a request that asks for a WebSocket is told from one that does not", () => {
  expect(isHandshake(handshake().headers)).toBe(true);
  expect(isHandshake(handshake({ upgrade: "WebSocket" }).headers)).toBe(true);
  expect(isHandshake(handshake({ upgrade: "h2c" }).headers)).toBe(false);
  expect(isHandshake(new Headers())).toBe(false);
});

test.each([
  ["method", handshake({}, "POST")],
  ["Connection", handshake({ connection: "keep-alive" })],
  ["Version", handshake({ "sec-websocket-version": "8" })],
  ["Key", handshake({ "sec-websocket-key": "too short" })],
])("a fault of its %s is told", (part, request) => {
  expect(checkHandshake(request)?.message).toContain(part);
});

test("a good one has none", () => {
  expect(checkHandshake(handshake())).toBeUndefined();
});
