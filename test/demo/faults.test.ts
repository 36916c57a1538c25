import { describe, expect, test } from "bun:test";
import type { Fault } from "../../src/demo/simulator.ts";
import { chat, raw, refusal, send, simulate } from "./ask.ts";

type Row = ["openai" | "anthropic" | "gemini" | "azure", Fault, number, object];

const openaiError = (code: string | null): object => ({ error: expect.objectContaining({ code }) });
const anthropicError = (type: string): object => ({
  type: "error",
  error: expect.objectContaining({ type }),
  request_id: expect.stringMatching(/^req_/),
});
const googleError = (status: string): object => ({ error: expect.objectContaining({ status }) });

describe("a refusing fault is worded as the provider does", () => {
  const rows: Row[] = [
    ["openai", { kind: "limited" }, 429, openaiError("rate_limit_exceeded")],
    ["openai", { kind: "spent" }, 429, openaiError("insufficient_quota")],
    ["openai", { kind: "dead" }, 401, openaiError("invalid_api_key")],
    ["openai", { kind: "overloaded" }, 503, openaiError(null)],
    ["openai", { kind: "unserved-model" }, 404, openaiError("model_not_found")],
    ["openai", { kind: "server-error" }, 500, openaiError(null)],
    ["openai", { kind: "bad-request" }, 400, openaiError("invalid_type")],
    ["anthropic", { kind: "limited" }, 429, anthropicError("rate_limit_error")],
    ["anthropic", { kind: "spent" }, 400, anthropicError("invalid_request_error")],
    ["anthropic", { kind: "dead" }, 401, anthropicError("authentication_error")],
    ["anthropic", { kind: "overloaded" }, 529, anthropicError("overloaded_error")],
    ["anthropic", { kind: "unserved-model" }, 404, anthropicError("not_found_error")],
    ["anthropic", { kind: "server-error" }, 500, anthropicError("api_error")],
    ["anthropic", { kind: "bad-request" }, 400, anthropicError("invalid_request_error")],
    ["gemini", { kind: "limited" }, 429, googleError("RESOURCE_EXHAUSTED")],
    ["gemini", { kind: "spent" }, 429, googleError("RESOURCE_EXHAUSTED")],
    ["gemini", { kind: "dead" }, 400, googleError("INVALID_ARGUMENT")],
    ["gemini", { kind: "overloaded" }, 503, googleError("UNAVAILABLE")],
    ["gemini", { kind: "unserved-model" }, 404, googleError("NOT_FOUND")],
    ["gemini", { kind: "server-error", status: 504 }, 504, googleError("DEADLINE_EXCEEDED")],
    ["gemini", { kind: "bad-request" }, 400, googleError("INVALID_ARGUMENT")],
    ["azure", { kind: "limited" }, 429, { error: expect.objectContaining({ code: "429" }) }],
    ["azure", { kind: "dead" }, 401, { error: expect.objectContaining({ code: "401" }) }],
    ["azure", { kind: "unserved-model" }, 404, openaiError("DeploymentNotFound")],
  ];
  test.each(rows)("%s %j: %i", async (provider, fault, status, body) => {
    const answered = await refusal(provider, fault);
    expect(answered.status).toBe(status);
    expect(answered.body).toEqual(body);
  });

  test("Anthropic's spent key is a 400 that speaks of the credit balance", async () => {
    const { body } = await refusal("anthropic", { kind: "spent" });
    expect(JSON.stringify(body)).toContain("Your credit balance is too low");
  });

  test("Gemini's dead key carries the reason API_KEY_INVALID", async () => {
    const { body } = await refusal("gemini", { kind: "dead" });
    expect(JSON.stringify(body)).toContain(`"reason":"API_KEY_INVALID"`);
  });

  test("an HTML page comes from the edge", async () => {
    const { status, headers, body } = await refusal("openai", {
      kind: "server-error",
      status: 502,
      html: true,
    });
    expect(status).toBe(502);
    expect(headers.get("content-type")).toStartWith("text/html");
    expect(body).toStartWith("<html>");
  });
});

describe("a limited key says when to come back", () => {
  const hints = [
    ["header", "retry-after", "2"],
    ["header-ms", "retry-after-ms", "1500"],
    ["date", "retry-after", "Tue, 14 Nov 2023 22:13:22 GMT"],
  ] as const;
  test.each(hints)("%s only", async (hint, name, value) => {
    const { headers, body } = await refusal("openai", { kind: "limited", retryAfterMs: 1_500, hint });
    expect(headers.get(name)).toBe(value);
    expect([...headers.keys()].filter((each) => each.startsWith("retry-after"))).toEqual([name]);
    expect(JSON.stringify(body)).not.toContain("try again");
  });

  test("in the body only", async () => {
    const { headers, body } = await refusal("openai", { kind: "limited", retryAfterMs: 1_500, hint: "body" });
    expect(headers.has("retry-after")).toBe(false);
    expect(JSON.stringify(body)).toContain("Please try again in 1.5s.");
  });

  test("nowhere", async () => {
    const { headers, body } = await refusal("gemini", { kind: "limited", hint: "none" });
    expect(headers.has("retry-after")).toBe(false);
    expect(JSON.stringify(body)).not.toContain("retryDelay");
  });
});

describe("a broken connection", () => {
  test("before the first byte is reset without an answer", async () => {
    await using simulator = simulate({ fault: { kind: "reset", when: "before-first-byte" } });
    expect(await raw(simulator, chat("openai"))).toEqual({ text: "", end: "reset" });
    expect(simulator.counts()).toMatchObject({ received: 1, broken: 1, inFlight: 0 });
  });

  test("after the first byte is reset with nothing but it", async () => {
    await using simulator = simulate({ fault: { kind: "reset", when: "after-first-byte" } });
    const { text, end } = await raw(simulator, chat("anthropic"));
    expect(text).toEndWith("\r\n\r\n{");
    expect(end).toBe("reset");
  });

  test("in the middle of a stream is reset after some of its content", async () => {
    await using simulator = simulate({ fault: { kind: "reset", when: "mid-stream" } });
    const { text, end } = await raw(simulator, chat("openai", undefined, true));
    expect(text).toContain("Hello ");
    expect(text).not.toContain("[DONE]");
    expect(end).toBe("reset");
  });

  test("truncated: fewer bytes than content-length promises, then the end", async () => {
    await using simulator = simulate({ fault: { kind: "truncate" } });
    const { text, end } = await raw(simulator, chat("openai"));
    const promised = Number(/content-length: (\d+)/i.exec(text)?.[1]);
    const received = Buffer.byteLength(text.slice(text.indexOf("\r\n\r\n") + 4));
    expect(received).toBe(Math.floor(promised / 2));
    expect(end).toBe("fin");
  });

  test("truncated: a chunked body without its final chunk", async () => {
    await using simulator = simulate({ fault: { kind: "truncate" } });
    const { text, end } = await raw(simulator, chat("gemini", undefined, true));
    expect(text).toContain("Hello ");
    expect(text).not.toEndWith("0\r\n\r\n");
    expect(end).toBe("fin");
  });

  test("hung: nothing comes until the client gives up", async () => {
    await using simulator = simulate({ fault: { kind: "hang" } });
    const arrived = simulator.nextArrival();
    const ended = simulator.nextRequest();
    const controller = new AbortController();
    const { path, headers, body } = chat("openai");
    const asked = fetch(simulator.url + path, { method: "POST", headers, body, signal: controller.signal });
    await arrived;
    expect(simulator.counts()).toMatchObject({ inFlight: 1 });
    controller.abort();
    await expect(asked).rejects.toThrow();
    expect(await ended).toMatchObject({ aborted: true, status: 0 });
    expect(simulator.counts()).toMatchObject({ inFlight: 0, aborted: 1 });
  });

  test("slow: the first byte is late", async () => {
    await using simulator = simulate({ fault: { kind: "slow", firstByteMs: 60 } });
    const startedAt = performance.now();
    expect((await send(simulator, chat("openai"))).status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(55);
  });
});

describe("an error inside a 200 stream", () => {
  const firsts = [
    ["openai", /^data: \{"error":\{"message":"Rate limit reached/],
    ["azure", /^data: \{"error":\{"message":"Rate limit reached/],
    ["anthropic", /^event: error\ndata: \{"type":"error","error":\{"type":"rate_limit_error"/],
    ["gemini", /^data: \{"error":\{"code":429,/],
  ] as const;
  test.each(firsts)("comes first from %s", async (provider, pattern) => {
    await using simulator = simulate({ fault: { kind: "error-as-first-event", code: "limited" } });
    const response = await send(simulator, chat(provider, undefined, true));
    expect(response.status).toBe(200);
    expect(await response.text()).toMatch(pattern);
  });

  test("comes late, after content, and ends the stream", async () => {
    await using simulator = simulate({ fault: { kind: "stream-error-late" } });
    const text = await (await send(simulator, chat("anthropic", undefined, true))).text();
    expect(text).toContain("text_delta");
    expect(text.trimEnd().split("\n").at(-2)).toBe("event: error");
    expect(text).not.toContain("message_stop");
  });

  test("leaves a plain request alone, and is kept for a stream", async () => {
    await using simulator = simulate();
    simulator.setFaultForAll({ kind: "error-as-first-event", code: "spent" }, 1);
    const plain = await send(simulator, chat("openai"));
    const stream = await send(simulator, chat("openai", undefined, true));
    expect(plain.status).toBe(200);
    expect(await stream.text()).toContain("insufficient_quota");
  });
});
