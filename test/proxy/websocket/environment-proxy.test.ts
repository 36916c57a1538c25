import { expect, test } from "bun:test";

import { environmentProxy } from "../../../src/proxy/websocket/environment-proxy.ts";

const BOTH = { HTTP_PROXY: "http://plain:1", HTTPS_PROXY: "http://secure:2" };

test.each<[string, Record<string, string>, string | undefined]>([
  ["https://api.openai.com/v1", BOTH, "http://secure:2"],
  ["http://localhost:8000", BOTH, "http://plain:1"],
  ["https://api.openai.com", { https_proxy: "lower:3" }, "http://lower:3"],
  ["https://api.openai.com", { HTTPS_PROXY: "" }, undefined],
  ["https://api.openai.com", {}, undefined],
  ["https://api.openai.com", { ...BOTH, NO_PROXY: "*" }, undefined],
  ["https://api.openai.com", { ...BOTH, NO_PROXY: "localhost, openai.com" }, undefined],
  ["https://api.openai.com", { ...BOTH, no_proxy: ".openai.com" }, undefined],
  ["https://api.openai.com", { ...BOTH, NO_PROXY: "notopenai.com,example.com" }, "http://secure:2"],
  ["http://localhost:8000", { ...BOTH, NO_PROXY: "localhost:8000" }, undefined],
  ["http://localhost:8000", { ...BOTH, NO_PROXY: "localhost:9000" }, "http://plain:1"],
])("%s in %p goes through %p", (url, env, proxy) => {
  expect(environmentProxy(url, env)).toBe(proxy);
});
