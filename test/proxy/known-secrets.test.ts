import { expect, test } from "bun:test";

import { NO_LIMITS } from "../../src/config/config.ts";
import { maskOf } from "../../src/config/secrecy.ts";
import { KnownSecrets } from "../../src/proxy/known-secrets.ts";
import { configWith } from "./config-with.ts";

const SECRET = "sk-good000000000001111";
const secrets = new KnownSecrets({
  ...configWith({ keys: [{ name: "a" }] }),
  clients: [{ name: "app", token: SECRET, models: ["*"], limits: NO_LIMITS }],
});

test.each([
  `/v1/${SECRET}`,
  `/v1/files/${SECRET}.txt`,
  `/v1/files/me@${SECRET}`,
  `/v1/x-${SECRET}-y/z`,
  `id-${SECRET}`,
  `/v1/${SECRET}/${SECRET}`,
  `/v1/models/x${SECRET}x:generateContent`,
])("%s is told without the secret, and otherwise as it is", (text) => {
  expect(secrets.hide(text)).toBe(text.replaceAll(SECRET, maskOf(SECRET)));
  expect(secrets.isIn(text)).toBe(true);
});

test("one that is escaped is found as well", () => {
  expect(secrets.hide(`/v1/%73${SECRET.slice(1)}`)).toBe(`/v1/${maskOf(SECRET)}`);
});

test.each([
  "/v1/chat/completions",
  "/v1/files/file-1234567890abcdefghijklmnop",
  "/v1/%zz/a-path-that-is-long",
])("%s stays as it is", (text) => {
  expect(secrets.hide(text)).toBe(text);
});
