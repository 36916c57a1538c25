import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { Simulator } from "../../../src/demo/simulator.ts";
import { ENDPOINT_ROWS } from "./rows.ts";
import { Proxy, type Stage, stage, stageOf } from "../harness.ts";
import { fourKeys } from "../sdk-clients.ts";

/** What upstreams answered to requests that reached a wrong account. */
function misdirected({ simulator }: Stage): string[] {
  return simulator.requests
    .filter(({ status }) => status >= 400)
    .map(({ method, path, status }) => `${method} ${path}: ${status}`);
}

/** Two resources of Azure's, at hosts of their own, with two keys each. */
async function azureStage(): Promise<Stage> {
  const keys = fourKeys("azure").map((key, index) => ({ ...key, account: `resource-${index >> 1}` }));
  const simulator = Simulator.start({ keys });
  const hosts = [simulator.url, simulator.url.replace("127.0.0.1", "localhost")];
  const apiKeys = keys.map(({ secret }, index) => {
    return {
      name: `key-${index + 1}`,
      key: secret,
      provider: "azure",
      url: hosts[index >> 1],
      models: "others",
    };
  });
  return stageOf(simulator, await Proxy.start({ apiKeys }));
}

describe("with four keys, a whole life through the official SDK, each request to the account that has the thing", () => {
  test.each(ENDPOINT_ROWS.map((row) => [`${row.api}: ${row.endpoints}`, row] as const))(
    "%s",
    async (_, row) => {
      await using it = await (row.provider === "azure" ? azureStage() : stage(fourKeys(row.provider)));
      await row.live(it);
      expect(misdirected(it)).toEqual([]);
    },
  );
});

test("the README's table of endpoints has these rows and no others", async () => {
  const readme = await Bun.file(join(import.meta.dir, "../../../README.md")).text();
  const table = readme.split("| API | Endpoints | Which key |\n| --- | --- | --- |\n")[1]?.split("\n\n")[0];
  expect(table?.split("\n")).toEqual(
    ENDPOINT_ROWS.map(({ api, endpoints, what }) => `| ${api} | ${endpoints} | ${what} |`),
  );
});
