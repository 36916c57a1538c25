import { CHAT, type Proxy } from "./harness.ts";

/** The same small request in the words of each API. */
export interface Dialect {
  readonly provider: "openai" | "anthropic" | "gemini" | "azure";
  send(proxy: Proxy, options?: { stream?: boolean; model?: string; signal?: AbortSignal }): Promise<Response>;
}

const MESSAGES = CHAT.messages;

export const DIALECTS: readonly Dialect[] = [
  {
    provider: "openai",
    send: (proxy, { stream = false, model = "gpt-4o-mini", signal } = {}) =>
      proxy.post("/v1/chat/completions", { model, messages: MESSAGES, stream }, {}, signal),
  },
  {
    provider: "anthropic",
    send: (proxy, { stream = false, model = "claude-haiku-4-5", signal } = {}) =>
      proxy.post(
        "/v1/messages",
        { model, max_tokens: 64, messages: MESSAGES, stream },
        { "anthropic-version": "2023-06-01" },
        signal,
      ),
  },
  {
    provider: "gemini",
    send: (proxy, { stream = false, model = "gemini-2.5-flash", signal } = {}) =>
      proxy.post(
        `/v1beta/models/${model}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
        { contents: [{ role: "user", parts: [{ text: "Say hello." }] }] },
        {},
        signal,
      ),
  },
  {
    provider: "azure",
    send: (proxy, { stream = false, model = "gpt-4o-mini", signal } = {}) =>
      proxy.post(
        `/openai/deployments/${model}/chat/completions?api-version=2024-10-21`,
        { messages: MESSAGES, stream },
        {},
        signal,
      ),
  },
];
