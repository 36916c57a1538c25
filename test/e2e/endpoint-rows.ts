import { expect } from "bun:test";

import type { Stage, StageKey } from "./harness.ts";
import { aFile, anthropic, azure, gemini, openAi, pin } from "./sdk-clients.ts";

/** A row of the README's table of endpoints, and what proves it. */
export interface EndpointRow {
  readonly api: string;
  readonly provider: NonNullable<StageKey["provider"]>;
  /** As in the README. */
  readonly endpoints: string;
  /** What KeyCycle does for them; as in the README. */
  readonly what: string;
  /** Their whole life through the official SDK, in front of four keys. */
  readonly live: (it: Stage) => Promise<void>;
}

type Pin = ReturnType<typeof pin>;

interface Listed {
  readonly id?: string | undefined;
  readonly name?: string | null | undefined;
}

/** What is done with the things that each of the four keys makes. */
interface Life<Made> {
  readonly make: (pinned: Pin) => Promise<Made>;
  readonly idOf: (made: Made) => string | undefined;
  readonly use: (made: Made, id: string) => Promise<unknown>;
  /** All pages of the list. */
  readonly list?: () => AsyncIterable<Listed>;
  readonly remove?: (id: string) => Promise<unknown>;
}

/** Makes two things with each key, then uses, lists and deletes them without a word of whose they are. */
async function live<Made>({ make, idOf, use, list, remove }: Life<Made>): Promise<void> {
  const made: [string, Made][] = [];
  for (const key of [1, 2, 3, 4, 4, 3, 2, 1]) {
    const one = await make(pin(key));
    made.push([idOf(one) ?? "no id", one]);
  }
  for (const [id, one] of made) await use(one, id);
  if (list !== undefined) {
    const listed: string[] = [];
    for await (const item of list()) listed.push(item.id ?? item.name ?? "");
    expect(listed.filter((id) => made.some(([each]) => each === id)).toSorted()).toEqual(
      made.map(([id]) => id).toSorted(),
    );
    expect(new Set(listed).size).toBe(listed.length);
  }
  if (remove !== undefined) for (const [id] of made) await remove(id);
}

const MESSAGES = [{ role: "user" as const, content: "Hi" }];

const OPENAI: EndpointRow[] = [
  {
    api: "OpenAI",
    provider: "openai",
    endpoints: "`chat/completions`",
    what: "any key; a `file_id` in the messages: its owner",
    live: async (it) => {
      const client = openAi(it);
      await live({
        make: async (pinned) =>
          await client.files.create({ file: await aFile(), purpose: "user_data" }, pinned),
        idOf: ({ id }) => id,
        use: async (_, file_id) => {
          const content = [{ type: "file" as const, file: { file_id } }];
          await client.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content }] });
        },
      });
    },
  },
  {
    api: "OpenAI",
    provider: "openai",
    endpoints: "`completions`, `embeddings`, `moderations`, `audio/*`, `images/*`",
    what: "any key",
    live: async (it) => {
      const client = openAi(it);
      for (let round = 0; round < 4; round += 1) {
        await client.embeddings.create({ model: "text-embedding-3-small", input: "a" });
        await client.moderations.create({ input: "a" });
        await client.audio.transcriptions.create({ model: "whisper-1", file: await aFile() });
        await client.images.generate({ prompt: "a" });
      }
    },
  },
  {
    api: "OpenAI",
    provider: "openai",
    endpoints: "`chat/completions` that are stored (`store: true`)",
    what: "owner; lists merged",
    live: async (it) => {
      const { completions } = openAi(it).chat;
      await live({
        make: async (pinned) =>
          await completions.create({ model: "gpt-4o", messages: MESSAGES, store: true }, pinned),
        idOf: ({ id }) => id,
        use: async (_, id) => {
          await completions.retrieve(id);
          await completions.update(id, { metadata: { seen: "yes" } });
        },
        list: () => completions.list({ limit: 3 }),
        remove: (id) => completions.delete(id),
      });
    },
  },
  {
    api: "OpenAI",
    provider: "openai",
    endpoints: "`files` and their content",
    what: "owner; lists merged",
    live: async (it) => {
      const { files } = openAi(it);
      await live({
        make: async (pinned) => await files.create({ file: await aFile(), purpose: "user_data" }, pinned),
        idOf: ({ id }) => id,
        use: async (_, id) => {
          expect((await files.retrieve(id)).id).toBe(id);
          expect(await (await files.content(id)).text()).toContain("hello");
        },
        list: () => files.list({ limit: 3 }),
        remove: (id) => files.delete(id),
      });
    },
  },
  {
    api: "OpenAI",
    provider: "openai",
    endpoints: "`uploads`, their parts, and the files that they become",
    what: "owner",
    live: async (it) => {
      const client = openAi(it);
      const asked = { bytes: 5, filename: "a.txt", mime_type: "text/plain", purpose: "assistants" as const };
      await live({
        make: async (pinned) => await client.uploads.create(asked, pinned),
        idOf: ({ id }) => id,
        use: async (_, id) => {
          const part = await client.uploads.parts.create(id, { data: await aFile() });
          const { file } = await client.uploads.complete(id, { part_ids: [part.id] });
          await client.files.retrieve(file?.id ?? "no file");
        },
      });
    },
  },
  {
    api: "OpenAI",
    provider: "openai",
    endpoints: "`batches` and their output files",
    what: "the owner of `input_file_id`; lists merged",
    live: async (it) => {
      const client = openAi(it);
      await live({
        make: async (pinned) => {
          const { id } = await client.files.create({ file: await aFile(), purpose: "batch" }, pinned);
          const asked = { endpoint: "/v1/responses" as const, completion_window: "24h" as const };
          return await client.batches.create({ input_file_id: id, ...asked });
        },
        idOf: ({ id }) => id,
        use: async (_, id) => {
          const { output_file_id } = await client.batches.retrieve(id);
          expect(await (await client.files.content(output_file_id ?? "none")).text()).toBe("{}");
        },
        list: () => client.batches.list({ limit: 3 }),
        remove: (id) => client.batches.cancel(id),
      });
    },
  },
  {
    api: "OpenAI",
    provider: "openai",
    endpoints:
      "`responses`, streamed or not, and what is built on them (`previous_response_id`, items by reference)",
    what: "any key for a first one, then its owner",
    live: async (it) => {
      const { responses } = openAi(it);
      await live({
        make: async (pinned) => {
          let id = "";
          const asked = { model: "gpt-4o", input: "Hi", stream: true as const };
          for await (const event of await responses.create(asked, pinned)) {
            if (event.type === "response.created") ({ id } = event.response);
          }
          return await responses.create({ model: "gpt-4o", input: "Go on", previous_response_id: id });
        },
        idOf: ({ id }) => id,
        use: async ({ output }, id) => {
          const items = output.map((item) => ({ type: "item_reference" as const, id: item.id ?? "" }));
          const input = [...items, { role: "user" as const, content: "Go on" }];
          await responses.create({ model: "gpt-4o", input });
          await responses.retrieve(id);
          await responses.inputItems.list(id);
          await responses.create({ model: "gpt-4o", input: "And on", previous_response_id: id });
        },
        remove: (id) => responses.delete(id),
      });
    },
  },
  {
    api: "OpenAI",
    provider: "openai",
    endpoints: "`responses` with encrypted reasoning (`reasoning.encrypted_content`)",
    what: "the account that can read it",
    live: async (it) => {
      const { responses } = openAi(it);
      const asked = { model: "o4-mini", store: false, include: ["reasoning.encrypted_content" as const] };
      await live({
        make: async (pinned) => await responses.create({ ...asked, input: "Hi" }, pinned),
        idOf: ({ id }) => id,
        use: async ({ output }) => {
          const reasoning = output.filter((item) => item.type === "reasoning");
          expect(reasoning).toHaveLength(1);
          // Codex sends no ids with it.
          const items = reasoning.map((item) => ({ ...item, id: "" }));
          await responses.create({ ...asked, input: [...items, { role: "user", content: "Go on" }] });
        },
      });
    },
  },
  {
    api: "OpenAI",
    provider: "openai",
    endpoints: "`conversations` and their items",
    what: "owner, in `responses` too",
    live: async (it) => {
      const { conversations, responses } = openAi(it);
      const items = [{ type: "message" as const, role: "user" as const, content: "Hi" }];
      await live({
        make: async (pinned) => await conversations.create({}, pinned),
        idOf: ({ id }) => id,
        use: async (_, id) => {
          await conversations.items.create(id, { items });
          await conversations.items.list(id);
          await responses.create({ model: "gpt-4o", input: "Hi", conversation: id });
          await responses.create({ model: "gpt-4o", input: "Hi", conversation: { id } });
          expect((await conversations.retrieve(id)).id).toBe(id);
        },
        remove: (id) => conversations.delete(id),
      });
    },
  },
  {
    api: "OpenAI",
    provider: "openai",
    endpoints: "`assistants`, `threads`, their messages and runs",
    what: "owner; assistants' lists merged",
    live: async (it) => {
      const { assistants, threads } = openAi(it).beta;
      await live({
        make: async (pinned) => await assistants.create({ model: "gpt-4o" }, pinned),
        idOf: ({ id }) => id,
        use: async (_, assistant_id) => {
          const { thread_id } = await threads.createAndRun({ assistant_id });
          const message = await threads.messages.create(thread_id, { role: "user", content: "Hi" });
          await threads.messages.retrieve(message.id, { thread_id });
          const run = await threads.runs.create(thread_id, { assistant_id });
          await threads.runs.retrieve(run.id, { thread_id });
          await threads.delete(thread_id);
        },
        list: () => assistants.list({ limit: 3, order: "asc" }),
        remove: (id) => assistants.delete(id),
      });
    },
  },
  {
    api: "OpenAI",
    provider: "openai",
    endpoints: "`vector_stores`, their files and file batches",
    what: "the owner of the files; lists merged",
    live: async (it) => {
      const client = openAi(it);
      const { vectorStores } = client;
      await live({
        make: async (pinned) => {
          const { id } = await client.files.create({ file: await aFile(), purpose: "assistants" }, pinned);
          return { file_id: id, store: await vectorStores.create({ file_ids: [id] }) };
        },
        idOf: ({ store }) => store.id,
        use: async ({ file_id }, id) => {
          await vectorStores.files.create(id, { file_id });
          await vectorStores.files.retrieve(file_id, { vector_store_id: id });
          const batch = await vectorStores.fileBatches.create(id, { file_ids: [file_id] });
          await vectorStores.fileBatches.retrieve(batch.id, { vector_store_id: id });
          await vectorStores.files.delete(file_id, { vector_store_id: id });
          // The file is still there.
          await client.files.retrieve(file_id);
          const tools = [{ type: "file_search" as const, vector_store_ids: [id] }];
          await client.responses.create({ model: "gpt-4o", input: "Hi", tools });
        },
        list: () => vectorStores.list({ limit: 3 }),
        remove: (id) => vectorStores.delete(id),
      });
    },
  },
  {
    api: "OpenAI",
    provider: "openai",
    endpoints: "`containers` and their files",
    what: "owner; lists merged",
    live: async (it) => {
      const { containers, responses } = openAi(it);
      await live({
        make: async (pinned) => await containers.create({ name: "c" }, pinned),
        idOf: ({ id }) => id,
        use: async (_, id) => {
          const file = await containers.files.create(id, { file: await aFile() });
          await containers.files.content.retrieve(file.id, { container_id: id });
          const tools = [{ type: "code_interpreter" as const, container: id }];
          await responses.create({ model: "gpt-4o", input: "Hi", tools });
          expect((await containers.retrieve(id)).id).toBe(id);
        },
        list: () => containers.list({ limit: 3 }),
        remove: (id) => containers.delete(id),
      });
    },
  },
  {
    api: "OpenAI",
    provider: "openai",
    endpoints: "`fine_tuning/jobs`",
    what: "the owner of `training_file`; lists merged",
    live: async (it) => {
      const client = openAi(it);
      const { jobs } = client.fineTuning;
      await live({
        make: async (pinned) => {
          const { id } = await client.files.create({ file: await aFile(), purpose: "fine-tune" }, pinned);
          return await jobs.create({ model: "gpt-4o-mini", training_file: id });
        },
        idOf: ({ id }) => id,
        use: async (_, id) => {
          await jobs.retrieve(id);
          await jobs.listEvents(id);
        },
        list: () => jobs.list({ limit: 3 }),
        remove: (id) => jobs.cancel(id),
      });
    },
  },
  {
    api: "OpenAI",
    provider: "openai",
    endpoints: "`evals` and their runs",
    what: "owner; lists merged",
    live: async (it) => {
      const { evals } = openAi(it);
      const source = { type: "stored_completions" as const };
      await live({
        make: async (pinned) =>
          await evals.create({ data_source_config: source, testing_criteria: [] }, pinned),
        idOf: ({ id }) => id,
        use: async (_, id) => {
          const data_source = { type: "completions" as const, source };
          const run = await evals.runs.create(id, { data_source });
          await evals.runs.retrieve(run.id, { eval_id: id });
        },
        list: () => evals.list({ limit: 3 }),
        remove: (id) => evals.delete(id),
      });
    },
  },
  {
    api: "OpenAI",
    provider: "openai",
    endpoints: "`videos` and their content",
    what: "owner; lists merged",
    live: async (it) => {
      const { videos } = openAi(it);
      await live({
        make: async (pinned) => await videos.create({ prompt: "A cat", model: "sora-2" }, pinned),
        idOf: ({ id }) => id,
        use: async (_, id) => {
          await videos.retrieve(id);
          await videos.downloadContent(id);
        },
        list: () => videos.list({ limit: 3 }),
        remove: (id) => videos.delete(id),
      });
    },
  },
  {
    api: "OpenAI",
    provider: "openai",
    endpoints: "`skills`",
    what: "owner; lists merged",
    live: async (it) => {
      const { skills } = openAi(it);
      await live({
        make: async (pinned) => await skills.create({ files: [await aFile()] }, pinned),
        idOf: ({ id }) => id,
        use: (_, id) => skills.retrieve(id),
        list: () => skills.list({ limit: 3 }),
        remove: (id) => skills.delete(id),
      });
    },
  },
];

const AZURE: EndpointRow[] = [
  {
    api: "Azure OpenAI",
    provider: "azure",
    endpoints: "`deployments/*`, and all of OpenAI's under `/openai/` and `/openai/v1/`",
    what: "as at OpenAI; both keys of a resource are one account",
    live: async (it) => {
      const client = azure(it);
      await live({
        make: async (pinned) => await client.files.create({ file: await aFile(), purpose: "batch" }, pinned),
        idOf: ({ id }) => id,
        use: async (_, id) => {
          await client.files.retrieve(id);
          const asked = { endpoint: "/v1/responses" as const, completion_window: "24h" as const };
          const batch = await client.batches.create({ input_file_id: id, ...asked });
          await client.batches.retrieve(batch.id);
          const thread = await client.beta.threads.create();
          await client.beta.threads.retrieve(thread.id);
        },
        list: () => client.files.list({ limit: 3 }),
        remove: (id) => client.files.delete(id),
      });
    },
  },
];

const ANTHROPIC: EndpointRow[] = [
  {
    api: "Anthropic",
    provider: "anthropic",
    endpoints: "`messages`, `messages/count_tokens`",
    what: "any key; a `file_id`, skill or container in it: its owner",
    live: async (it) => {
      const { messages } = anthropic(it).beta;
      const asked = { model: "claude-haiku-4-5", max_tokens: 100, messages: MESSAGES };
      const tools = [{ type: "code_execution_20250825" as const, name: "code_execution" as const }];
      await live({
        make: async (pinned) => await messages.create({ ...asked, tools }, pinned),
        idOf: ({ container }) => container?.id,
        use: async (_, container) => {
          await messages.create({ ...asked, tools, container });
          await messages.create({ ...asked, tools, container: { id: container } });
        },
      });
    },
  },
  {
    api: "Anthropic",
    provider: "anthropic",
    endpoints: "`files` and their content",
    what: "owner, in `messages` too; lists merged",
    live: async (it) => {
      const client = anthropic(it);
      await live({
        make: async (pinned) => await client.files.upload({ file: await aFile() }, pinned),
        idOf: ({ id }) => id,
        use: async (_, file_id) => {
          await client.files.retrieveMetadata(file_id);
          expect(await (await client.files.download(file_id)).text()).toContain("hello");
          const content = [{ type: "document" as const, source: { type: "file" as const, file_id } }];
          const asked = { model: "claude-haiku-4-5", max_tokens: 100 };
          await client.beta.messages.create({ ...asked, messages: [{ role: "user", content }] });
        },
        list: () => client.files.list({ limit: 3 }),
        remove: (id) => client.files.delete(id),
      });
    },
  },
  {
    api: "Anthropic",
    provider: "anthropic",
    endpoints: "`messages/batches` and their results",
    what: "owner; lists merged; `results_url` leads back here",
    live: async (it) => {
      const { batches } = anthropic(it).messages;
      const params = { model: "claude-haiku-4-5", max_tokens: 100, messages: MESSAGES };
      await live({
        make: async (pinned) => await batches.create({ requests: [{ custom_id: "one", params }] }, pinned),
        idOf: ({ id }) => id,
        use: async (_, id) => {
          await batches.retrieve(id);
          const results: string[] = [];
          for await (const result of await batches.results(id)) results.push(result.custom_id);
          expect(results).toEqual(["one"]);
        },
        list: () => batches.list({ limit: 3 }),
        remove: (id) => batches.delete(id),
      });
    },
  },
  {
    api: "Anthropic",
    provider: "anthropic",
    endpoints: "`skills`",
    what: "owner; lists merged",
    live: async (it) => {
      const { skills } = anthropic(it);
      await live({
        make: async (pinned) => await skills.create({ files: [await aFile()] }, pinned),
        idOf: ({ id }) => id,
        use: (_, id) => skills.retrieve(id),
        list: () => skills.list({ limit: 3 }),
        remove: (id) => skills.delete(id),
      });
    },
  },
];

const GEMINI: EndpointRow[] = [
  {
    api: "Gemini",
    provider: "gemini",
    endpoints: "`generateContent`, `streamGenerateContent`, `countTokens`, `embedContent`",
    what: "any key; a file or cached content in it: its owner",
    live: async (it) => {
      const client = gemini(it);
      const model = "gemini-2.5-flash";
      await live({
        make: async (pinned) =>
          await client.caches.create({ model, config: { httpOptions: pinned, contents: "Long" } }),
        idOf: ({ name }) => name,
        use: async (_, cachedContent) => {
          await client.models.generateContent({ model, contents: "Hi", config: { cachedContent } });
          const stream = await client.models.generateContentStream({
            model,
            contents: "Hi",
            config: { cachedContent },
          });
          for await (const chunk of stream) expect(chunk.candidates).toHaveLength(1);
        },
      });
    },
  },
  {
    api: "Gemini",
    provider: "gemini",
    endpoints: "`files`, by the resumable protocol, and `files:download`",
    what: "owner; upload URLs lead back here; lists merged",
    live: async (it) => {
      const client = gemini(it);
      await live({
        make: async (pinned) =>
          await client.files.upload({
            file: new Blob(["hello"]),
            config: { httpOptions: pinned, mimeType: "text/plain" },
          }),
        idOf: ({ name }) => name,
        use: async ({ uri = "" }, name) => {
          expect((await client.files.get({ name })).name).toBe(name);
          const download = await fetch(`${it.proxy.url}/v1beta/${name}:download?alt=media`, {
            headers: GOOGLE,
          });
          expect(await download.text()).toBe("hello");
          const parts = [{ fileData: { fileUri: uri, mimeType: "text/plain" } }];
          await client.models.generateContent({
            model: "gemini-2.5-flash",
            contents: [{ role: "user", parts }],
          });
        },
        list: () => iterate(client.files.list({ config: { pageSize: 3 } })),
        remove: (name) => client.files.delete({ name }),
      });
    },
  },
  {
    api: "Gemini",
    provider: "gemini",
    endpoints: "`cachedContents`",
    what: "the owner of the files in it; lists merged",
    live: async (it) => {
      const { caches } = gemini(it);
      await live({
        make: async (pinned) =>
          await caches.create({
            model: "gemini-2.5-flash",
            config: { httpOptions: pinned, contents: "Long" },
          }),
        idOf: ({ name }) => name,
        use: async (_, name) => {
          await caches.get({ name });
          await caches.update({ name, config: { ttl: "60s" } });
        },
        list: () => iterate(caches.list({ config: { pageSize: 3 } })),
        remove: (name) => caches.delete({ name }),
      });
    },
  },
  {
    api: "Gemini",
    provider: "gemini",
    endpoints: "`batches`",
    what: "owner; lists merged",
    live: async (it) => {
      const { batches } = gemini(it);
      await live({
        make: async (pinned) =>
          await batches.create({
            model: "gemini-2.5-flash",
            src: [{ contents: "Hi" }],
            config: { httpOptions: pinned },
          }),
        idOf: ({ name }) => name,
        use: async (_, name) => {
          await batches.get({ name });
          await batches.cancel({ name });
        },
        list: () => iterate(batches.list({ config: { pageSize: 3 } })),
        remove: (name) => batches.delete({ name }),
      });
    },
  },
  {
    api: "Gemini",
    provider: "gemini",
    endpoints: "`models/*:predictLongRunning` and its operations",
    what: "owner",
    live: async (it) => {
      const path = "/v1beta/models/veo-3.1:predictLongRunning";
      await live({
        make: async ({ headers }) => await ask(it, path, { instances: [] }, { ...headers, ...GOOGLE }),
        idOf: ({ name }) => name,
        use: async (_, name) => {
          expect((await ask(it, `/v1beta/${name}`, undefined, GOOGLE)).name).toBe(name);
        },
      });
    },
  },
  {
    api: "Gemini",
    provider: "gemini",
    endpoints: "`interactions`",
    what: "any key for a first one, then its owner",
    live: async (it) => {
      const path = "/v1beta/interactions";
      const asked = { model: "gemini-3-flash", input: "Hi" };
      await live({
        make: async ({ headers }) => await ask(it, path, asked, { ...headers, ...GOOGLE }),
        idOf: ({ id }) => id,
        use: async (_, id) => {
          await ask(it, path, { ...asked, previous_interaction_id: id }, GOOGLE);
          expect((await ask(it, `${path}/${id}`, undefined, GOOGLE)).id).toBe(id);
        },
      });
    },
  },
  {
    api: "Gemini",
    provider: "gemini",
    endpoints: "`fileSearchStores`",
    what: "owner; lists merged",
    live: async (it) => {
      const { fileSearchStores, models } = gemini(it);
      await live({
        make: async (pinned) => await fileSearchStores.create({ config: { httpOptions: pinned } }),
        idOf: ({ name }) => name,
        use: async (_, name) => {
          await fileSearchStores.get({ name });
          const tools = [{ fileSearch: { fileSearchStoreNames: [name] } }];
          await models.generateContent({ model: "gemini-2.5-flash", contents: "Hi", config: { tools } });
        },
        list: () => iterate(fileSearchStores.list({ config: { pageSize: 3 } })),
        remove: (name) => fileSearchStores.delete({ name }),
      });
    },
  },
];

const GOOGLE = { "x-goog-api-key": "unused" };

/** For what Google's SDK has no calls for, or none that a simulator could satisfy. */
async function ask(
  { proxy }: Stage,
  path: string,
  body: object | undefined,
  headers: Record<string, string>,
): Promise<{ id?: string; name?: string }> {
  const init = body === undefined ? { headers } : { method: "POST", body: JSON.stringify(body), headers };
  const answer = await fetch(proxy.url + path, init);
  expect(answer.status).toBe(200);
  return (await answer.json()) as { id?: string; name?: string };
}

/** Google's lists are promised, then iterated. */
async function* iterate<T>(pager: Promise<AsyncIterable<T>>): AsyncGenerator<T> {
  yield* await pager;
}

export const ENDPOINT_ROWS: readonly EndpointRow[] = [...OPENAI, ...AZURE, ...ANTHROPIC, ...GEMINI];
