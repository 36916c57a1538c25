import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Simulator } from "../../src/demo/simulator.ts";
import { Proxy } from "./harness.ts";
import { aFile, fourKeys, openAi, pin } from "./sdk-clients.ts";

/** A simulator and a state file that outlast the proxies before them. */
class Lasting implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "keycycle-owners-"));
  readonly simulator = Simulator.start({ keys: fourKeys("openai") });
  readonly #proxies: Proxy[] = [];

  /** @param keys  which of the four are configured */
  configOf(keys: readonly number[]): object {
    const apiKeys = keys.map((key) => ({
      name: `key-${key}`,
      key: `sk-openai-000${key}`,
      provider: "openai",
      url: this.simulator.url,
      models: "others",
    }));
    const rotation = { strategy: "round-robin", maxWait: "0s" };
    return { apiKeys, rotation, state: join(this.folder, "keycycle.db"), log: { level: "debug" } };
  }

  async start(keys: readonly number[]): Promise<{ proxy: Proxy }> {
    const proxy = await Proxy.start(this.configOf(keys));
    this.#proxies.push(proxy);
    return { proxy };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const proxy of this.#proxies) {
      proxy.process.kill("SIGKILL");
      await proxy.process.exited;
    }
    await this.simulator.stop();
    rmSync(this.folder, { recursive: true });
  }
}

type Started = Awaited<ReturnType<Lasting["start"]>>;

async function fileOf(it: Started, key: number): Promise<string> {
  return (await openAi(it).files.create({ file: await aFile(), purpose: "user_data" }, pin(key))).id;
}

/** How a file is found: the key, and after how many attempts. */
async function found(it: Started, id: string): Promise<(string | null)[]> {
  const { response } = await openAi(it).files.retrieve(id).withResponse();
  return [response.headers.get("x-keycycle-key"), response.headers.get("x-keycycle-attempts")];
}

async function errorOf(it: Started, id: string): Promise<unknown> {
  return await openAi(it)
    .files.retrieve(id)
    .catch((error: unknown) => error);
}

describe("who owns what", () => {
  test("outlasts a restart", async () => {
    await using it = new Lasting();
    const first = await it.start([1, 2, 3, 4]);
    const ids = [await fileOf(first, 3), await fileOf(first, 4)];
    await first.proxy.stop();
    const second = await it.start([1, 2, 3, 4]);
    expect([await found(second, ids[0] ?? ""), await found(second, ids[1] ?? "")]).toEqual([
      ["key-3", "1"],
      ["key-4", "1"],
    ]);
  });

  test("outlasts a kill -9 once it is saved, and is found again where it was not", async () => {
    await using it = new Lasting();
    const first = await it.start([1, 2, 3, 4]);
    const saved = await fileOf(first, 4);
    await first.proxy.logged(({ message }) => message === "What was learned was saved");
    const unsaved = await fileOf(first, 3);
    first.proxy.process.kill("SIGKILL");
    await first.proxy.process.exited;
    const second = await it.start([1, 2, 3, 4]);
    expect(await found(second, saved)).toEqual(["key-4", "1"]);
    expect((await found(second, unsaved))[0]).toBe("key-3");
    expect(await found(second, unsaved)).toEqual(["key-3", "1"]);
  });

  test("says so where the key is configured no more, and knows it when the key is back", async () => {
    await using it = new Lasting();
    const first = await it.start([1, 2, 3, 4]);
    const id = await fileOf(first, 4);
    await first.proxy.stop();

    const second = await it.start([1, 2, 3]);
    expect(await errorOf(second, id)).toMatchObject({ status: 404, code: "owner_not_configured" });
    writeFileSync(second.proxy.configPath, JSON.stringify(it.configOf([1, 2, 3, 4])));
    await second.proxy.logged(({ message }) => message === "The configuration was reloaded");
    expect(await found(second, id)).toEqual(["key-4", "1"]);
  });

  test("is looked for again where the key is gone and another has the thing", async () => {
    await using it = new Lasting();
    const first = await it.start([1, 2, 3, 4]);
    const id = await fileOf(first, 4);
    await first.proxy.stop();
    // The account has another key now.
    it.simulator.addKey({ secret: "sk-openai-0004", fault: { kind: "dead" } });
    it.simulator.addKey({ secret: "sk-openai-0003", account: "sk-openai-0004" });
    const second = await it.start([1, 2, 3]);
    expect((await found(second, id))[0]).toBe("key-3");
    expect(await found(second, id)).toEqual(["key-3", "1"]);
  });

  test("stays known when the configuration changes", async () => {
    await using it = new Lasting();
    const first = await it.start([4, 3, 2, 1]);
    const id = await fileOf(first, 3);
    writeFileSync(first.proxy.configPath, JSON.stringify(it.configOf([1, 3])));
    await first.proxy.logged(({ message }) => message === "The configuration was reloaded");
    expect(await found(first, id)).toEqual(["key-3", "1"]);
  });
});
