import { expect } from "bun:test";

import { aFile, openAi } from "../sdk-clients.ts";
import { type EndpointRow, live } from "./row.ts";

export const OPENAI_TOOLS: EndpointRow[] = [
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
    endpoints: "`videos`, their content, edits and extensions",
    what: "owner; lists merged",
    live: async (it) => {
      const { videos } = openAi(it);
      await live({
        make: async (pinned) => await videos.create({ prompt: "A cat", model: "sora-2" }, pinned),
        idOf: ({ id }) => id,
        use: async (_, id) => {
          await videos.retrieve(id);
          await videos.downloadContent(id);
          // In a form, as the SDK sends it, and in JSON.
          await videos.edit({ prompt: "A dog", video: { id } });
          await videos.extend({ prompt: "A dog", seconds: "4", video: { id } });
          await openAi(it).post("/videos/edits", { body: { prompt: "A dog", video: { id } } });
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
