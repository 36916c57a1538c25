import { describe, expect, test } from "bun:test";
import { assert, constantFrom, integer, oneof, property, string, tuple } from "fast-check";

import { PROVIDER_NAMES } from "../../src/config/config.ts";
import { outcomeOf } from "./refusal.ts";

const HTML = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>";

describe.each([...PROVIDER_NAMES])("a proxy in front of %s", (provider) => {
  test.each([408, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525])("stumbles with an HTML %d", (status) => {
    expect(outcomeOf(provider, { status, body: HTML })).toMatchObject({ kind: "upstream-failure" });
  });

  test("stumbles with an empty 502", () => {
    expect(outcomeOf(provider, { status: 502 })).toMatchObject({ kind: "upstream-failure" });
  });

  test("stumbles with a 418, as the seed took it", () => {
    expect(outcomeOf(provider, { status: 418 })).toMatchObject({ kind: "upstream-failure" });
  });

  test.each(["", HTML, "Too Many Requests", '{"detail":"Too Many Requests"}'])(
    "limits by a 429 that says nothing more: %p",
    (body) => {
      expect(outcomeOf(provider, { status: 429, body })).toMatchObject({
        kind: "limited",
        retryAfterMs: undefined,
      });
    },
  );

  test.each([400, 404, 405, 409, 413, 415, 422])("hands the client its own %d", (status) => {
    expect(outcomeOf(provider, { status, body: HTML })).toEqual({ kind: "client-error" });
  });

  test("leaves it open whether a bare 401 is the key's fault", () => {
    expect(outcomeOf(provider, { status: 401 })).toMatchObject({ kind: "dead", certain: false });
  });

  test("says that the money is gone with a 402", () => {
    expect(outcomeOf(provider, { status: 402 })).toMatchObject({ kind: "spent", retryAfterMs: undefined });
  });
});

/** Words of a refused key or an empty account, which a client may put where its request is quoted back. */
const HOSTILE = [
  "incorrect api key",
  "Incorrect API key provided: x",
  "invalid api key",
  "invalid subscription key",
  "API key not valid",
  "api key expired",
  "API_KEY_INVALID",
  "invalid_api_key",
  "insufficient_quota",
  "credit balance is too low",
  "spend limit",
  "usage limits",
  "revoked",
];

/** How providers quote a request in an error. */
const QUOTES: ((words: string) => string)[] = [
  (words) => `Invalid value: '${words}'. Supported values are: 'system', 'assistant', and 'user'.`,
  (words) => `Invalid value at 'contents[0].role' (TYPE_STRING), "${words}"`,
  (words) =>
    `messages.0.content.0: Input tag '${words}' found using 'type' does not match any of the expected tags`,
  (words) => `${words} is not a valid model ID`,
];

test("no client can take a key away by what it asks for", () => {
  const statuses = constantFrom(400, 404, 405, 409, 413, 415, 422);
  const types = constantFrom(
    "invalid_request_error",
    "not_found_error",
    "INVALID_ARGUMENT",
    "request_too_large",
  );
  const words = oneof(constantFrom(...HOSTILE), string());
  const messages = tuple(words, constantFrom(...QUOTES)).map(([text, quote]) => quote(text));
  assert(
    property(
      constantFrom(...PROVIDER_NAMES),
      statuses,
      types,
      messages,
      (provider, status, type, message) => {
        const { kind } = outcomeOf(provider, { status, body: { error: { type, message, status: type } } });
        expect(["client-error", "unserved-model"]).toContain(kind);
      },
    ),
    { numRuns: 3_000 },
  );
});

test("whatever an upstream answers, it is classified", () => {
  assert(
    property(
      constantFrom(...PROVIDER_NAMES),
      integer({ min: 400, max: 599 }),
      string(),
      (provider, status, body) => {
        expect(outcomeOf(provider, { status, body }).kind).toBeString();
      },
    ),
  );
});
