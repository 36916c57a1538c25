import { expect } from "bun:test";

import { aFile, openAi } from "../sdk-clients.ts";
import { type EndpointRow, live, MESSAGES } from "./row.ts";

export const OPENAI: EndpointRow[] = [
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
];
