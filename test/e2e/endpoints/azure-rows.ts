import { aFile, azure } from "../sdk-clients.ts";
import { type EndpointRow, live } from "./row.ts";

export const AZURE: EndpointRow[] = [
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
