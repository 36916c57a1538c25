import { describe, expect, test } from "bun:test";

import { answerPreflight, refuseBrowser, setCorsHeaders } from "../../src/proxy/browser-guard.ts";
import { configWith } from "./config-with.ts";

const PAGE = "https://evil.example";
const HOST = "127.0.0.1:3456";

type Fields = Parameters<typeof configWith>[0];

function isRefused(headers: Record<string, string>, fields: Fields = {}): boolean {
  return refuseBrowser(configWith(fields), new Headers(headers)) !== undefined;
}

describe("a proxy on loopback without clients", () => {
  test.each<[string, Record<string, string>]>([
    ["a program on this machine", { host: HOST }],
    ["a program by name", { host: "localhost:3456" }],
    ["a program by a name below localhost", { host: "keycycle.localhost" }],
    ["a program by IPv6", { host: "[::1]:3456" }],
    ["a program by another loopback address", { host: "127.1.2.3:3456" }],
    ["a person who types the address", { host: HOST, "sec-fetch-site": "none" }],
    ["its own page", { host: HOST, origin: `http://${HOST}`, "sec-fetch-site": "same-origin" }],
  ])("answers %s", (_, headers) => {
    expect(isRefused(headers)).toBe(false);
  });

  test.each<[string, Record<string, string>]>([
    ["a name that was rebound to it", { host: "evil.example:3456" }],
    ["a name that begins like a loopback one", { host: "127.0.0.1.evil.example" }],
    ["a name that ends like one", { host: "evillocalhost" }],
    ["an address of the network", { host: "192.168.1.5:3456" }],
    ["a request without Host", {}],
    ["a page of another site", { host: HOST, origin: PAGE }],
    ["a page of another port", { host: HOST, origin: "http://127.0.0.1:8080" }],
    ["a page without an origin", { host: HOST, origin: "null" }],
    ["an image on another site", { host: HOST, "sec-fetch-site": "cross-site" }],
  ])("refuses %s", (_, headers) => {
    expect(isRefused(headers)).toBe(true);
  });

  test("answers to the names that it is given", () => {
    expect(isRefused({ host: "Box.lan:3456" }, { server: { hostnames: ["box.lan"] } })).toBe(false);
  });

  test("answers pages whose origin is allowed, and no others", () => {
    const server = { cors: ["https://chat.example"] };
    expect(isRefused({ host: HOST, origin: "https://chat.example" }, { server })).toBe(false);
    expect(isRefused({ host: HOST, origin: PAGE }, { server })).toBe(true);
    expect(isRefused({ host: HOST, origin: PAGE }, { server: { cors: ["*"] } })).toBe(false);
  });

  test("repeats no control characters of a Host", () => {
    const headers = new Headers({ host: "evil\u00e9\u00ff" });
    expect(refuseBrowser(configWith({}), headers)).toMatch(/^[\x20-\x7e]*$/);
  });
});

test("a proxy with clients leaves the judgement to their tokens", () => {
  const fields: Fields = { clients: [{ name: "laptop", token: "t" }] };
  expect(isRefused({ host: "proxy.example", origin: PAGE }, fields)).toBe(false);
});

describe("a preflight", () => {
  const headers = new Headers({
    origin: "https://chat.example",
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type",
  });

  test("of an allowed page is answered for what it asks", () => {
    const answer = answerPreflight("OPTIONS", ["https://chat.example"], headers);
    expect(answer?.status).toBe(204);
    expect(Object.fromEntries(answer?.headers ?? [])).toMatchObject({
      "access-control-allow-origin": "https://chat.example",
      "access-control-allow-methods": "POST",
      "access-control-allow-headers": "authorization,content-type",
    });
  });

  test("of another page is not answered", () => {
    expect(answerPreflight("OPTIONS", ["https://other.example"], headers)).toBeUndefined();
    expect(answerPreflight("OPTIONS", [], headers)).toBeUndefined();
  });

  test("is nothing but an OPTIONS that asks for a method", () => {
    expect(answerPreflight("POST", ["*"], headers)).toBeUndefined();
    expect(answerPreflight("OPTIONS", ["*"], new Headers({ origin: PAGE }))).toBeUndefined();
  });
});

describe("an answer", () => {
  test("may be read by an allowed page only", () => {
    const allowed = new Headers();
    setCorsHeaders(allowed, ["https://chat.example"], new Headers({ origin: "https://chat.example" }));
    expect(allowed.get("access-control-allow-origin")).toBe("https://chat.example");

    const refused = new Headers();
    setCorsHeaders(refused, ["https://chat.example"], new Headers({ origin: PAGE }));
    expect([...refused]).toEqual([]);
  });

  test("keeps what it varied by", () => {
    const headers = new Headers({ vary: "Accept-Encoding" });
    setCorsHeaders(headers, ["*"], new Headers({ origin: PAGE }));
    expect(headers.get("vary")).toBe("Accept-Encoding, Origin");
  });
});
