import { expect } from "bun:test";

import type { Stage } from "../harness.ts";
import { gemini } from "../sdk-clients.ts";
import { type EndpointRow, live } from "./row.ts";

export const GEMINI: EndpointRow[] = [
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
