import { describe, expect, test } from "bun:test";

import { GoogleGenAI, Modality, type LiveServerMessage } from "@google/genai";
import OpenAI, { AzureOpenAI } from "openai";
import { OpenAIRealtimeWS } from "openai/realtime/ws";
import { ResponsesWS } from "openai/resources/responses/ws";

import { stage, type Stage, type StageKey } from "../harness.ts";
import { tlsFront } from "./tls-front.ts";

const HEALTHY = "sk-healthy-0000-good";
const SENTENCE = "Hello from the simulator: key …good served this.";

/** A key of every sad kind in front of one that can serve. */
function troubled(provider: NonNullable<StageKey["provider"]>): StageKey[] {
  return [
    { secret: "sk-dead-0000-dead", provider, fault: { kind: "dead" }, priority: 0 },
    { secret: "sk-limited-0000-full", provider, fault: { kind: "limited" }, priority: 1 },
    {
      secret: "sk-spent-0000-void",
      provider,
      fault: { kind: "error-as-first-event", code: "spent" },
      priority: 2,
    },
    { secret: HEALTHY, provider, priority: 3 },
  ];
}

function expectServedBy(it: Stage, secret: string): void {
  expect(it.simulator.requests.at(-1)).toMatchObject({ secret, status: 101 });
  expect(it.simulator.requests).toHaveLength(4);
}

/** One spoken turn: asks for a response, and collects its words. */
async function turn(realtime: OpenAIRealtimeWS): Promise<string> {
  const words: string[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  realtime.on("error", reject);
  realtime.on("session.created", () => realtime.send({ type: "response.create" }));
  realtime.on("response.output_text.delta", ({ delta }) => words.push(delta));
  realtime.on("response.done", () => resolve());
  await promise;
  return words.join("");
}

const options = { rejectUnauthorized: false };

describe("with dead, limited and spent keys in front of a healthy one", () => {
  test("OpenAI's Realtime client speaks", async () => {
    await using it = await stage(troubled("openai"));
    await using front = await tlsFront(it.proxy.url);
    const client = new OpenAI({ apiKey: "unused", baseURL: `${front.url}/v1` });
    const realtime = new OpenAIRealtimeWS({ model: "gpt-realtime", options }, client);
    expect(await turn(realtime)).toBe(SENTENCE);
    expectServedBy(it, HEALTHY);
    realtime.close();
    expect(await it.proxy.logged(({ status }) => status === 101)).toMatchObject({
      attempts: 4,
      closeCode: 1000,
      outputTokens: 8,
    });
  });

  test("Azure's Realtime client speaks", async () => {
    await using it = await stage(troubled("azure"));
    await using front = await tlsFront(it.proxy.url);
    const client = new AzureOpenAI({ apiKey: "unused", endpoint: front.url, apiVersion: "2025-08-28" });
    const realtime = await OpenAIRealtimeWS.azure(client, { deploymentName: "gpt-realtime", options });
    expect(await turn(realtime)).toBe(SENTENCE);
    expectServedBy(it, HEALTHY);
  });

  test("OpenAI's Responses client takes turns", async () => {
    await using it = await stage(troubled("openai"));
    const client = new OpenAI({ apiKey: "unused", baseURL: `${it.proxy.url}/v1` });
    const responses = new ResponsesWS(client);
    for (let count = 0; count < 2; count += 1) {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      responses.on("error", reject);
      responses.once("response.completed", ({ response }) =>
        resolve(response.output_text ?? JSON.stringify(response.output)),
      );
      responses.send({ type: "response.create", model: "gpt-5", input: "Hi" });
      expect(await promise).toContain(SENTENCE);
    }
    expectServedBy(it, HEALTHY);
    responses.close();
    expect(await it.proxy.logged(({ status }) => status === 101)).toMatchObject({
      messagesSent: 2,
      outputTokens: 16,
    });
  });

  test("Google's Live client speaks", async () => {
    await using it = await stage(troubled("gemini"));
    const client = new GoogleGenAI({ apiKey: "unused", httpOptions: { baseUrl: it.proxy.url } });
    const words: string[] = [];
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const session = await client.live.connect({
      model: "gemini-live-2.5-flash",
      config: { responseModalities: [Modality.TEXT] },
      callbacks: {
        onmessage: ({ text, serverContent }: LiveServerMessage) => {
          words.push(text ?? "");
          if (serverContent?.turnComplete === true) resolve();
        },
        onerror: reject,
      },
    });
    session.sendClientContent({ turns: "Hi" });
    await promise;
    expect(words.join("")).toBe(SENTENCE);
    expectServedBy(it, HEALTHY);
    session.close();
    expect(await it.proxy.logged(({ status }) => status === 101)).toMatchObject({
      model: "gemini-live-2.5-flash",
      outputTokens: 8,
    });
  });

  test("a client secret that OpenAI's client had made opens its Realtime client", async () => {
    await using it = await stage(
      troubled("openai").filter(({ fault }) => fault?.kind !== "error-as-first-event"),
    );
    await using front = await tlsFront(it.proxy.url);
    const owner = new OpenAI({ apiKey: "unused", baseURL: `${it.proxy.url}/v1` });
    const { value } = await owner.realtime.clientSecrets.create({
      session: { type: "realtime", model: "gpt-realtime" },
    });
    const guest = new OpenAI({ apiKey: value, baseURL: `${front.url}/v1` });
    const realtime = new OpenAIRealtimeWS({ model: "gpt-realtime", options }, guest);
    expect(await turn(realtime)).toBe(SENTENCE);
    expect(it.simulator.requests.at(-1)).toMatchObject({ secret: value });
  });
});
