import { describe, expect, test } from "bun:test";
import { chat, send, simulate } from "./ask.ts";

const NOW = 1_700_000_000_000;

describe("OpenAI's limits", () => {
  test("are told in its headers, resets as the time until full", async () => {
    await using simulator = simulate({ limits: { rpm: 3, tpm: 1_000 } }, { now: () => NOW });
    const { headers } = await send(simulator, chat("openai"));
    expect(headers.get("x-ratelimit-limit-requests")).toBe("3");
    expect(headers.get("x-ratelimit-remaining-requests")).toBe("2");
    expect(headers.get("x-ratelimit-reset-requests")).toBe("20s");
    const { promptTokens } = simulator.requests[0]!;
    expect(headers.get("x-ratelimit-remaining-tokens")).toBe(String(1_000 - promptTokens - 10));
  });

  test("are enforced: the request after the last is refused in OpenAI's words", async () => {
    let now = NOW;
    await using simulator = simulate({ limits: { rpm: 3 } }, { now: () => now });
    for (let served = 0; served < 3; served += 1) await send(simulator, chat("openai"));
    const refused = await send(simulator, chat("openai"));
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("20");
    expect(refused.headers.get("x-ratelimit-remaining-requests")).toBe("0");
    expect(await refused.json()).toEqual({
      error: {
        message:
          "Rate limit reached for gpt-4o in organization org-simulator on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 20s. Visit https://platform.openai.com/account/rate-limits to learn more.",
        type: "requests",
        param: null,
        code: "rate_limit_exceeded",
      },
    });
    now += 20_000;
    expect((await send(simulator, chat("openai"))).status).toBe(200);
  });

  test("count each model by itself", async () => {
    await using simulator = simulate({ limits: { rpm: 1 } });
    await send(simulator, chat("openai"));
    const other = await send(simulator, chat("openai", undefined, false, "gpt-4o-mini"));
    expect(other.status).toBe(200);
  });

  test("count the maximum of output at arrival; what can never fit has no hint", async () => {
    await using simulator = simulate({ limits: { tpm: 20 } });
    const refused = await send(simulator, chat("openai"));
    expect(refused.headers.get("retry-after")).toBeNull();
    expect(await refused.json()).toMatchObject({
      error: { type: "tokens", message: expect.stringContaining("Request too large for gpt-4o") },
    });
  });

  test("are not told where the key's headers are off", async () => {
    await using simulator = simulate({ limits: { rpm: 3, headers: false } });
    const { headers } = await send(simulator, chat("openai"));
    expect(headers.get("x-ratelimit-limit-requests")).toBeNull();
  });

  test("hold a stream against concurrency until it ends", async () => {
    await using simulator = simulate({ limits: { concurrency: 1 } }, { chunkDelayMs: 5 });
    const first = await send(simulator, chat("openai", undefined, true));
    const second = await send(simulator, chat("openai"));
    await first.text();
    const third = await send(simulator, chat("openai"));
    expect([first.status, second.status, third.status]).toEqual([200, 429, 200]);
  });
});

test("Anthropic's limits are instants, with tokens rounded to thousands", async () => {
  await using simulator = simulate({ limits: { rpm: 60, tpm: 10_000 } }, { now: () => NOW });
  const { headers } = await send(simulator, chat("anthropic"));
  expect(headers.get("anthropic-ratelimit-requests-remaining")).toBe("59");
  expect(headers.get("anthropic-ratelimit-requests-reset")).toBe("2023-11-14T22:13:21Z");
  expect(headers.get("anthropic-ratelimit-tokens-remaining")).toBe("10000");
});

test("Azure's limits tell a token reset in seconds and none for requests", async () => {
  await using simulator = simulate({ limits: { rpm: 60, tpm: 600 } }, { now: () => NOW });
  const { headers } = await send(simulator, chat("azure"));
  expect(headers.get("x-ratelimit-remaining-requests")).toBe("59");
  expect(headers.get("x-ratelimit-reset-tokens")).toMatch(/^\d+$/);
  expect(headers.get("x-ratelimit-reset-requests")).toBeNull();
});

test("Gemini's limits are told in the refusal's body alone", async () => {
  await using simulator = simulate({ limits: { rpm: 1, kind: "fixed-window" } }, { now: () => NOW });
  const served = await send(simulator, chat("gemini"));
  const refused = await send(simulator, chat("gemini"));
  expect([...served.headers.keys()].filter((name) => name.includes("ratelimit"))).toEqual([]);
  expect(refused.status).toBe(429);
  const untilNext = (60_000 - (NOW % 60_000)) / 1_000;
  expect(await refused.json()).toMatchObject({
    error: {
      status: "RESOURCE_EXHAUSTED",
      details: expect.arrayContaining([
        { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: `${untilNext}s` },
      ]),
    },
  });
});

test("Gemini's daily limit names the daily quota", async () => {
  await using simulator = simulate({ limits: { rpd: 1 } });
  await send(simulator, chat("gemini"));
  const refused = await send(simulator, chat("gemini"));
  expect(await refused.text()).toContain("GenerateRequestsPerDayPerProjectPerModel-FreeTier");
});
