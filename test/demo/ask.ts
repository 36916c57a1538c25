import { connect } from "node:net";
import { Simulator, type Fault, type SimulatedKey } from "../../src/demo/simulator.ts";

export const SECRET = "sk-test-0000000000000000a1b2";

/** A simulator with one key, which stops when the test's `using` scope ends. */
export function simulate(
  key: Omit<SimulatedKey, "secret"> = {},
  options: Omit<Parameters<typeof Simulator.start>[0], "keys"> = {},
): Simulator & AsyncDisposable {
  const simulator = Simulator.start({ ...options, keys: [{ secret: SECRET, ...key }] });
  return Object.assign(simulator, { [Symbol.asyncDispose]: () => simulator.stop() });
}

type Provider = "openai" | "anthropic" | "gemini" | "azure";

interface Asking {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A chat request as each provider wants it. */
export function chat(provider: Provider, secret = SECRET, stream = false, model?: string): Asking {
  const messages = [{ role: "user", content: "Hi" }];
  const json = { "content-type": "application/json" };
  switch (provider) {
    case "openai":
      return {
        path: "/v1/chat/completions",
        headers: { ...json, authorization: `Bearer ${secret}` },
        body: JSON.stringify({ model: model ?? "gpt-4o", messages, stream, max_tokens: 10 }),
      };
    case "anthropic":
      return {
        path: "/v1/messages",
        headers: { ...json, "x-api-key": secret, "anthropic-version": "2023-06-01" },
        body: JSON.stringify({ model: model ?? "claude-sonnet-4-5", messages, stream, max_tokens: 10 }),
      };
    case "gemini":
      return {
        path: `/v1beta/models/${model ?? "gemini-2.5-flash"}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
        headers: { ...json, "x-goog-api-key": secret },
        body: JSON.stringify({ contents: [{ role: "user", parts: [{ text: "Hi" }] }] }),
      };
    case "azure":
      return {
        path: `/openai/deployments/${model ?? "gpt-4o"}/chat/completions?api-version=2024-10-21`,
        headers: { ...json, "api-key": secret },
        body: JSON.stringify({ messages, stream, max_tokens: 10 }),
      };
  }
}

export function send(simulator: Simulator, { path, headers, body }: Asking): Promise<Response> {
  return fetch(simulator.url + path, { method: "POST", headers, body });
}

/** The answer to a chat under a fault. */
export async function refusal(
  provider: Provider,
  fault: Fault,
): Promise<{ status: number; headers: Headers; body: unknown }> {
  await using simulator = simulate({ fault }, { now: () => 1_700_000_000_000 });
  const response = await send(simulator, chat(provider));
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  return {
    status: response.status,
    headers: response.headers,
    body: isJson === true ? JSON.parse(text) : text,
  };
}

/** What comes over the wire until the connection ends, and how it ends. */
export function raw(simulator: Simulator, asking: Asking): Promise<{ text: string; end: "fin" | "reset" }> {
  const { path, headers, body } = asking;
  const fields = Object.entries({ host: "simulator", ...headers, "content-length": String(body.length) });
  const head = [`POST ${path} HTTP/1.1`, ...fields.map(([name, value]) => `${name}: ${value}`)].join("\r\n");
  return new Promise((resolve) => {
    let text = "";
    let end: "fin" | "reset" = "fin";
    const socket = connect(simulator.port, "127.0.0.1");
    socket.on("data", (chunk) => (text += chunk.toString()));
    socket.on("error", () => (end = "reset"));
    socket.on("close", () => resolve({ text, end }));
    socket.write(`${head}\r\n\r\n${body}`);
  });
}
