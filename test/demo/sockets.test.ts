import { expect, test } from "bun:test";
import { GoogleGenAI } from "@google/genai";
import { ResponsesWS } from "openai/resources/responses/ws";
import OpenAI from "openai";

import { open, refused } from "../e2e/websocket/peer.ts";
import { SECRET, simulate } from "./ask.ts";

const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const REALTIME = "/v1/realtime?model=gpt-realtime";

test("a Realtime session greets, answers in words and writes down how it ended", async () => {
  await using simulator = simulate();
  const ended = simulator.nextRequest();
  const client = await open(simulator, REALTIME, as(SECRET));
  expect(await client.json()).toMatchObject({ type: "session.created", session: { model: "gpt-realtime" } });
  client.socket.send('{"type":"session.update","session":{"voice":"x"}}');
  expect(await client.json()).toMatchObject({ type: "session.updated", session: { voice: "x" } });
  client.socket.send('{"type":"response.create"}');
  expect(await client.json()).toMatchObject({ type: "response.created" });
  client.socket.close(4000);
  expect(await ended).toMatchObject({ method: "GET", status: 101, closeCode: 4000, secret: SECRET });
});

test("a handshake is refused as a request is", async () => {
  await using simulator = simulate({ models: ["gpt-realtime"] });
  expect(await refused(simulator, REALTIME, as("sk-unknown"))).toMatchObject({ status: 401 });
  expect(await refused(simulator, "/v1/realtime?model=other", as(SECRET))).toMatchObject({ status: 404 });
  simulator.setFault(SECRET, { kind: "limited", retryAfterMs: 3_000 });
  expect(await refused(simulator, REALTIME, as(SECRET))).toMatchObject({
    status: 429,
    headers: { "retry-after": "3" },
  });
  expect(simulator.counts(SECRET)).toMatchObject({ received: 2, refused: 2, inFlight: 0 });
});

test("a client secret opens what it is for, and nothing else", async () => {
  await using simulator = simulate();
  const client = new OpenAI({ apiKey: SECRET, baseURL: `${simulator.url}/v1`, maxRetries: 0 });
  const { value } = await client.realtime.clientSecrets.create({
    session: { type: "realtime", model: "gpt-realtime" },
  });
  expect(await (await open(simulator, REALTIME, as(value))).json()).toMatchObject({
    type: "session.created",
  });
  const guest = new OpenAI({ apiKey: value, baseURL: `${simulator.url}/v1`, maxRetries: 0 });
  await expect(guest.models.list().then(() => "listed")).rejects.toMatchObject({ status: 401 });
});

test("Responses take turns, and a Live session is set up, with the SDKs as they are", async () => {
  await using simulator = simulate();
  const responses = new ResponsesWS(new OpenAI({ apiKey: SECRET, baseURL: `${simulator.url}/v1` }));
  const completed = new Promise((resolve) => responses.once("response.completed", resolve));
  responses.send({ type: "response.create", model: "gpt-5", input: "Hi" });
  expect(await completed).toMatchObject({ response: { status: "completed", model: "gpt-5" } });
  const google = new GoogleGenAI({ apiKey: SECRET, httpOptions: { baseUrl: simulator.url } });
  const session = await google.live.connect({ model: "gemini-live", callbacks: { onmessage: () => {} } });
  expect(session).toBeDefined();
});
