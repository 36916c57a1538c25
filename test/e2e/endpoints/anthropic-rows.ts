import { expect } from "bun:test";

import { aFile, anthropic } from "../sdk-clients.ts";
import { type EndpointRow, live, MESSAGES } from "./row.ts";

export const ANTHROPIC: EndpointRow[] = [
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
    what: "a key that serves the model of its first request; owner; lists merged; `results_url` leads back here",
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
