import { describe, expect, test } from "bun:test";

import type { Fault } from "../../src/demo/simulator.ts";
import { front } from "./front.ts";
import type { Proxy } from "./harness.ts";
import { allOf, leakIn, marked } from "./marked.ts";
import { DIALECTS } from "./providers.ts";

const FAULTS: readonly { readonly fault?: Fault }[] = [
  {},
  { fault: { kind: "limited" } },
  { fault: { kind: "limited", hint: "body" } },
  { fault: { kind: "limited", hint: "none" } },
  { fault: { kind: "spent" } },
  { fault: { kind: "dead" } },
  { fault: { kind: "overloaded" } },
  { fault: { kind: "unserved-model" } },
  { fault: { kind: "server-error" } },
  { fault: { kind: "server-error", status: 502, html: true } },
  { fault: { kind: "bad-request" } },
  { fault: { kind: "hang" } },
  { fault: { kind: "reset", when: "before-first-byte" } },
  { fault: { kind: "reset", when: "after-first-byte" } },
  { fault: { kind: "reset", when: "mid-stream" } },
  { fault: { kind: "truncate" } },
  { fault: { kind: "error-as-first-event", code: "limited" } },
  { fault: { kind: "error-as-first-event", code: "spent" } },
  { fault: { kind: "error-as-first-event", code: "overloaded" } },
  { fault: { kind: "error-as-first-event", code: "server-error" } },
  { fault: { kind: "stream-error-late" } },
];

/** A key for each fault, asked for by a model of its own, so that none is spared by what another taught. */
const KEYS = FAULTS.flatMap((fault, index) => [
  { model: `model-${index}`, secret: marked(`${index}-whole`), stream: false, ...fault },
  { model: `model-${index}-stream`, secret: marked(`${index}-stream`), stream: true, ...fault },
]);

const TOKEN = marked("client-token");

/** A proxy whose requests carry the client's marked token, as every SDK would send it. */
function withToken(proxy: Proxy, headers: Readonly<Record<string, string>>): Pick<Proxy, "post"> {
  return {
    post: (path, body, own, signal) => proxy.post(path, body, { ...own, ...headers }, signal),
  };
}

describe.each(DIALECTS)("$provider", ({ provider, send }) => {
  test.each([{ log: { level: "debug", format: "json" } }, { log: { level: "debug", format: "pretty" } }])(
    "no fault brings a secret out: $log.format",
    async ({ log }) => {
      await using it = await front(KEYS, (url) => ({
        clients: [{ name: "laptop", token: TOKEN }],
        rotation: { timeouts: { firstByte: "500ms", idle: "500ms" } },
        log,
        apiKeys: KEYS.map(({ model, secret }) => ({
          name: `key-${model}`,
          key: secret,
          url,
          models: [model],
          provider,
          headers: { "x-gateway-secret": marked("header") },
        })),
      }));
      const proxy = withToken(it.proxy, { authorization: `Bearer ${TOKEN}` }) as Proxy;
      // Twice, so that the second finds the keys in the state that the first left them in.
      const answers: string[] = [];
      for (let turn = 0; turn < 2; turn += 1) {
        answers.push(
          ...(await Promise.all(KEYS.map(({ model, stream }) => allOf(send(proxy, { model, stream }))))),
        );
      }
      for (const { secret, model } of KEYS) {
        expect(
          it.simulator.requests.some((request) => request.secret === secret),
          model,
        ).toBe(true);
      }
      expect(await it.proxy.stop()).toBe(0);

      for (const answer of answers) expect(leakIn(answer)).toBeUndefined();
      expect(it.proxy.output).toContain("key-model-5");
      expect(leakIn(it.proxy.output)).toBeUndefined();
      // What the upstream was told is the key's, and nothing of the client's.
      for (const request of it.simulator.requests) {
        expect(`${request.path}${request.rawHeaders.join(" ")}`).not.toContain(TOKEN);
      }
    },
  );

  test("an upstream that cannot be reached brings no secret out", async () => {
    const proxy = `http://${marked("user")}:${marked("password")}@127.0.0.1:3`;
    await using it = await front([], () => ({
      log: { level: "debug" },
      apiKeys: [
        { key: marked("refused"), url: "http://127.0.0.1:1", provider },
        { key: marked("nameless"), url: "http://does-not-exist.invalid", provider },
        { key: marked("proxied"), url: "http://127.0.0.1:2", provider, proxy },
      ],
    }));
    const answer = await allOf(send(it.proxy));
    await it.proxy.logged(({ event }) => event === "request");
    expect(answer).toContain("502");
    expect(leakIn(answer)).toBeUndefined();
    expect(leakIn(it.proxy.output)).toBeUndefined();
  });

  test.each([
    { header: "authorization", value: `Bearer ${marked("wrong")}` },
    { header: "x-api-key", value: marked("wrong") },
    { header: "api-key", value: marked("wrong") },
    { header: "x-goog-api-key", value: marked("wrong") },
  ])("a wrong token in $header is not repeated", async ({ header, value }) => {
    await using it = await front([], (url) => ({
      clients: [{ name: "laptop", token: TOKEN }],
      log: { level: "debug" },
      apiKeys: [{ key: marked("key"), url, provider }],
    }));
    const answer = await allOf(send(withToken(it.proxy, { [header]: value }) as Proxy));
    await it.proxy.logged(({ event }) => event === "request");
    expect(answer).toContain("401");
    expect(leakIn(answer)).toBeUndefined();
    expect(leakIn(it.proxy.output)).toBeUndefined();
  });
});

test("a token in the query of a refused, a broken and a served request is not repeated", async () => {
  await using it = await front([{ secret: marked("key") }], (url) => ({
    clients: [{ name: "laptop", token: TOKEN }],
    log: { level: "debug" },
    apiKeys: [{ key: marked("key"), url, provider: "gemini" }],
  }));
  const path = "/v1beta/models/gemini-2.5-flash:generateContent";
  const answers = await Promise.all([
    allOf(it.proxy.post(`${path}?key=${marked("wrong")}`, { contents: [] })),
    allOf(it.proxy.post(`${path}?key=${TOKEN}`, '{"contents":')),
    allOf(it.proxy.post(`${path}?key=${TOKEN}`, { contents: [] })),
    allOf(it.proxy.post(`/v1/%2e%2e%2fadmin?key=${TOKEN}`, {})),
  ]);
  expect(answers.map((answer) => answer.slice(0, 3))).toEqual(["401", "400", "200", "400"]);
  expect(await it.proxy.stop()).toBe(0);
  for (const answer of answers) expect(leakIn(answer)).toBeUndefined();
  expect(leakIn(it.proxy.output)).toBeUndefined();
});
