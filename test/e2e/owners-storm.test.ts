import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import Anthropic, { APIError as AnthropicError, toFile as toAnthropicFile } from "@anthropic-ai/sdk";
import { ApiError as GeminiError, GoogleGenAI } from "@google/genai";
import OpenAI, { APIError, toFile } from "openai";

import { Simulator, type SimulatedRequest } from "../../src/demo/simulator.ts";
import { Proxy } from "./harness.ts";

setDefaultTimeout(120_000);

const OPERATIONS = 10_000;
const AT_ONCE = 24;
const PROVIDERS = ["openai", "anthropic", "gemini"] as const;
const KEYS = PROVIDERS.flatMap((provider) =>
  [1, 2, 3, 4].map((number) => ({
    name: `${provider}-${number}`,
    secret: `sk-${provider}-000${number}`,
    provider,
  })),
);

/** Something that was made, and what can be done with it; each of these throws where it is not found. */
interface Thing {
  readonly id: string;
  readonly use: readonly (() => Promise<unknown>)[];
  readonly remove: () => Promise<unknown>;
}

/** So many clients that their things are in all accounts. */
const CLIENTS = Array.from({ length: 8 }, (_, index) => ({
  name: `client-${index}`,
  token: `token-${index}`,
}));

/** A client's makers of things through the official SDKs, at a proxy that may be another one each time. */
function makersOf(token: string, url: () => string): (() => Promise<Thing>)[] {
  const openAi = () => new OpenAI({ apiKey: token, baseURL: `${url()}/v1`, maxRetries: 0 });
  const claude = () => new Anthropic({ apiKey: token, baseURL: url(), maxRetries: 0 });
  const google = () => new GoogleGenAI({ apiKey: token, httpOptions: { baseUrl: url() } });
  const file = async () => await toFile(Buffer.from("hello"), "a.txt");
  return [
    async () => {
      const { id } = await openAi().files.create({ file: await file(), purpose: "user_data" });
      const content = [{ type: "file" as const, file: { file_id: id } }];
      return {
        id,
        use: [
          () => openAi().files.retrieve(id),
          () => openAi().files.content(id),
          () => openAi().chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content }] }),
          () =>
            openAi().batches.create({
              input_file_id: id,
              endpoint: "/v1/responses",
              completion_window: "24h",
            }),
        ],
        remove: () => openAi().files.delete(id),
      };
    },
    async () => {
      const { id } = await openAi().responses.create({ model: "gpt-4o", input: "Hi" });
      return {
        id,
        use: [
          () => openAi().responses.retrieve(id),
          () => openAi().responses.create({ model: "gpt-4o", input: "Hi", previous_response_id: id }),
        ],
        remove: () => openAi().responses.delete(id),
      };
    },
    async () => {
      const { id } = await openAi().beta.threads.create();
      return {
        id,
        use: [
          () => openAi().beta.threads.messages.create(id, { role: "user", content: "Hi" }),
          () => openAi().beta.threads.messages.list(id),
        ],
        remove: () => openAi().beta.threads.delete(id),
      };
    },
    async () => {
      const { id } = await claude().files.upload({
        file: await toAnthropicFile(Buffer.from("hello"), "a.txt"),
      });
      const content = [{ type: "document" as const, source: { type: "file" as const, file_id: id } }];
      const asked = { model: "claude-haiku-4-5", max_tokens: 10 };
      return {
        id,
        use: [
          () => claude().files.retrieveMetadata(id),
          () => claude().beta.messages.create({ ...asked, messages: [{ role: "user", content }] }),
        ],
        remove: () => claude().files.delete(id),
      };
    },
    async () => {
      const { name = "" } = await google().files.upload({
        file: new Blob(["hello"]),
        config: { mimeType: "text/plain" },
      });
      const fileUri = `https://generativelanguage.googleapis.com/v1beta/${name}`;
      const contents = [{ role: "user", parts: [{ fileData: { fileUri, mimeType: "text/plain" } }] }];
      return {
        id: name,
        use: [
          () => google().files.get({ name }),
          () => google().models.generateContent({ model: "gemini-2.5-flash", contents }),
        ],
        remove: () => google().files.delete({ name }),
      };
    },
  ];
}

/** What a client is told: an answer, that its key cannot serve now, or that there is no such thing. */
type Told = "served" | "unavailable" | "missing" | "other";

function toldBy(error: unknown): Told {
  const isError =
    error instanceof APIError || error instanceof AnthropicError || error instanceof GeminiError;
  const status = isError ? error.status : undefined;
  if (status === 429 || status === 502 || status === 503) return "unavailable";
  return status === 404 || status === 403 || status === 400 ? "missing" : "other";
}

/** A source of numbers in [0, 1) that is the same in each run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test(`not one of ${OPERATIONS} operations reaches another's account while keys are limited, die, and KeyCycle is killed`, async () => {
  const folder = mkdtempSync(join(tmpdir(), "keycycle-owners-"));
  let lostUpstream = 0;
  const onRequest = ({ status }: SimulatedRequest) => {
    if (status === 400 || status === 403 || status === 404) lostUpstream += 1;
  };
  const simulator = Simulator.start({
    keys: KEYS.map((key) => ({ ...key, limits: { rpm: 600_000 } })),
    keep: 10,
    onRequest,
  });
  const apiKeys = KEYS.map(({ name, secret, provider }) => ({
    name,
    key: secret,
    provider,
    url: simulator.url,
    models: "others",
  }));
  const config = {
    apiKeys,
    clients: CLIENTS,
    state: join(folder, "keycycle.db"),
    log: { level: "warn" },
    rotation: { strategy: "headroom", maxWait: "5s", probeAfter: "0s" },
  };
  const random = seeded(7);
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  const counts: Record<Told, number> = { served: 0, unavailable: 0, missing: 0, other: 0 };
  const failures: string[] = [];
  const things: Thing[] = [];
  // What is being deleted is gone for others at an instant that nobody knows.
  const busy = new Set<Thing>();
  let proxy = await Proxy.start(config);
  const makers = CLIENTS.flatMap(({ token }) => makersOf(token, () => proxy.url));
  let done = 0;

  const step = async (): Promise<void> => {
    const free = things.filter((each) => !busy.has(each));
    const thing = free.length > 40 || random() < 0.6 ? pick(free) : undefined;
    const deletes = thing !== undefined && random() < 0.1;
    if (deletes) things.splice(things.indexOf(thing), 1);
    if (thing !== undefined) busy.add(thing);
    const action = thing === undefined ? undefined : deletes ? thing.remove : pick(thing.use);
    try {
      if (action !== undefined) await action();
      else {
        const made = await pick(makers)?.();
        if (made !== undefined) things.push(made);
      }
      counts.served += 1;
    } catch (error) {
      const told = toldBy(error);
      counts[told] += 1;
      if (told === "missing" || told === "other") failures.push(`${thing?.id}: ${String(error)}`);
    } finally {
      if (thing !== undefined) busy.delete(thing);
    }
  };
  const run = async (until: number): Promise<void> => {
    const worker = async () => {
      while (done < until) {
        done += 1;
        if (done % 200 === 0) {
          const key = pick(KEYS);
          if (key !== undefined)
            simulator.setFault(key.secret, { kind: "limited", retryAfterMs: 40, hint: "header-ms" }, 2);
        }
        await step();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  };

  await run(OPERATIONS * 0.4);
  expect({ failures, lostUpstream }).toEqual({ failures: [], lostUpstream: 0 });

  // Deleting while the last ids are not saved: who has them is found again.
  proxy.process.kill("SIGKILL");
  await proxy.process.exited;
  proxy = await Proxy.start(config);
  await run(OPERATIONS * 0.7);

  for (const secret of ["sk-openai-0001", "sk-anthropic-0002", "sk-gemini-0003"])
    simulator.setFault(secret, { kind: "dead" });
  await run(OPERATIONS);
  expect({ failures, ...counts }).toMatchObject({ failures: [], missing: 0, other: 0 });
  // The things of three keys of twelve are out of reach for the last third, and that is said.
  expect(counts.unavailable).toBeGreaterThan(0);
  expect(counts.served).toBeGreaterThan(OPERATIONS * 0.8);

  proxy.process.kill("SIGKILL");
  await proxy.process.exited;
  await simulator.stop();
  rmSync(folder, { recursive: true });
});
