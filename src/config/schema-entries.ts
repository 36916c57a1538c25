import { Type } from "@sinclair/typebox";
import { PROVIDER_NAMES } from "./config.ts";
import { choice, count, list, text } from "./kinds.ts";

const Limits = Type.Object(
  {
    rpm: Type.Optional(
      count({
        least: 1,
        description: "Requests in any 60 seconds, whenever they begin.",
      }),
    ),
    tpm: Type.Optional(
      count({
        least: 1,
        description: "Tokens in any 60 seconds, input and output together.",
      }),
    ),
    rpd: Type.Optional(count({ least: 1, description: "Requests in any 24 hours." })),
    concurrency: Type.Optional(count({ least: 1, description: "Requests under way at once." })),
  },
  { description: "What each of these keys may use at most. What is left out has no bound." },
);

/** A client of the proxy, and what it may ask for. */
export const Client = Type.Object(
  {
    name: Type.Optional(
      text("Name", { description: "What logs call this client. Default: client-1, client-2 …" }),
    ),
    token: Type.Optional(
      text("Secret", { secret: true, description: "What the client sends as its API key." }),
    ),
    models: list("Name", "comma", {
      default: ["*"],
      description: "Models that the client may ask for: names and globs.",
    }),
    limits: Limits,
  },
  { needs: [["token"]], advice: { token: "token: ${KEYCYCLE_TOKEN}" } },
);

/** Keys that share a place, and what they serve. */
export const ApiKey = Type.Object(
  {
    name: Type.Optional(
      text("Name", {
        description: "What logs and headers call this key. Default: the provider and a number.",
      }),
    ),
    key: Type.Optional(text("Secret", { secret: true, description: "The API key." })),
    keys: Type.Optional(
      list("Secret", "comma or space", {
        secret: true,
        description: "Several API keys that share all the rest.",
      }),
    ),
    keysFile: Type.Optional(
      Type.String({
        minLength: 1,
        description: "A file with one API key a line; its path is relative to this file. # begins a comment.",
      }),
    ),
    url: Type.Optional(
      text("BaseUrl", { description: "Base URL of the provider, e.g. https://api.openai.com/v1." }),
    ),
    models: list("Name", "comma", {
      default: ["others"],
      description: "Models that this key serves: names, globs (gpt-*), and others for all that no key names.",
    }),
    provider: Type.Optional(
      choice(PROVIDER_NAMES, {
        description: "Whose API it is. Default: told from the url, else compatible.",
      }),
    ),
    account: Type.Optional(
      text("Name", {
        description:
          "The account at the provider that these keys belong to. Keys of one account have its files, batches and the like in common. Default: each key is an account.",
      }),
    ),
    priority: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: 1_000_000,
      description: "Lower is used first; the next only when no key of the lower can serve.",
    }),
    weight: Type.Number({
      default: 1,
      exclusiveMinimum: 0,
      maximum: 1_000_000,
      description: "Share of the requests, relative to other keys.",
    }),
    limits: Limits,
    headers: Type.Record(Type.String(), text("HeaderValue", { secret: true }), {
      default: {},
      entries: "headers",
      secret: true,
      description: "Headers set on every upstream request of this key.",
    }),
    proxy: Type.Optional(
      text("ProxyUrl", {
        secret: true,
        description: "Outbound HTTP proxy for this key, e.g. http://10.0.0.5:8080.",
      }),
    ),
  },
  {
    needs: [["key", "keys", "keysFile"], ["url"]],
    advice: { key: "key: ${OPENAI_API_KEY}", url: "url: https://api.openai.com" },
  },
);
