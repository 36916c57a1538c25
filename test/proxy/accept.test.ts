import { describe, expect, test } from "bun:test";

import { proxied } from "./proxied.ts";

/** So small that an upload arrives in many reads, of which the first is all that is held. */
const SMALL = { server: { maxBodyBytes: 1_024 } };

/** Answers with the size of what arrived. */
const measure = async (request: Request) => new Response(String((await request.bytes()).length));

function formOf(fields: Record<string, string>, fileBytes: number): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set("file", new Blob([new Uint8Array(fileBytes)]), "a.bin");
  return form;
}

describe("an upload larger than what is held", () => {
  test("goes through where it names no model, as a file does", async () => {
    using proxy = proxied(measure, SMALL);
    const body = formOf({ purpose: "batch" }, 8_000_000);
    const answer = await fetch(`${proxy.url}/v1/files`, { method: "POST", body });
    expect(answer.status).toBe(200);
    expect(Number(await answer.text())).toBeGreaterThan(8_000_000);
  });

  test("goes through where its model stands before the file", async () => {
    using proxy = proxied(measure, SMALL);
    const body = formOf({ model: "whisper-1" }, 8_000_000);
    const answer = await fetch(`${proxy.url}/v1/audio/transcriptions`, { method: "POST", body });
    expect(answer.status).toBe(200);
  });

  test("of JSON is refused in the client's own form of error", async () => {
    using proxy = proxied(measure, SMALL);
    const body = JSON.stringify({ model: "claude-opus-4-5", messages: "x".repeat(2_000) });
    const answer = await fetch(`${proxy.url}/v1/messages`, { method: "POST", body });
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ type: "error", error: { type: "request_too_large" } });
  });
});

describe("an error in a whole 200", () => {
  test.each([
    ["compact", JSON.stringify({ error: { code: 429, message: "Rate limited" } })],
    ["pretty", JSON.stringify({ error: { code: 429, message: "Rate limited" } }, null, 2)],
    [
      "behind other fields",
      JSON.stringify({ id: "gen-1", error: { code: 429, message: "Rate limited" }, user_id: "u" }),
    ],
  ])("that is %s never reaches the client while another key serves", async (_, failure) => {
    let asked = 0;
    const upstream = () => {
      asked += 1;
      const body = asked === 1 ? failure : '{"id":"gen-2","choices":[],"error":null}';
      return new Response(body, { headers: { "content-type": "application/json" } });
    };
    using proxy = proxied(upstream, {
      keys: [
        { name: "a", provider: "openrouter" },
        { name: "b", provider: "openrouter" },
      ],
    });
    const answer = await fetch(`${proxy.url}/v1/chat/completions`, {
      method: "POST",
      body: '{"model":"gpt-4o"}',
    });
    expect(await answer.json()).toMatchObject({ id: "gen-2" });
  });
});

describe("a bare 401 on a key that has just served", () => {
  test("is an upstream's failure once, and the client is told so", async () => {
    let asked = 0;
    const upstream = () => {
      asked += 1;
      return asked === 1 ? Response.json({ choices: [] }) : new Response("", { status: 401 });
    };
    using proxy = proxied(upstream);
    const ask = () =>
      fetch(`${proxy.url}/v1/chat/completions`, { method: "POST", body: '{"model":"gpt-4o"}' });
    await (await ask()).text();
    const answer = await ask();
    expect(answer.status).toBe(502);
    expect(await answer.text()).toContain("HTTP 401");
  });
});

describe("an answer about a model to a request that names none", () => {
  const missing = {
    error: {
      message: "The model 'typo' does not exist",
      type: "invalid_request_error",
      code: "model_not_found",
    },
  };
  const upstream = (request: Request) =>
    request.url.endsWith("/typo")
      ? Response.json(missing, { status: 404 })
      : Response.json({ object: "list", data: [] });

  test("reaches the client in the upstream's words", async () => {
    using proxy = proxied(upstream);
    const answer = await fetch(`${proxy.url}/v1/presets/typo`);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual(missing);
  });

  test("keeps no other request without a model from being served", async () => {
    using proxy = proxied(upstream);
    await (await fetch(`${proxy.url}/v1/presets/typo`)).text();
    expect((await fetch(`${proxy.url}/v1/files`)).status).toBe(200);
  });
});
