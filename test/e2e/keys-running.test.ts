import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { Simulator } from "../../src/demo/simulator.ts";
import { runIn } from "./folder.ts";
import { CHAT, Proxy } from "./harness.ts";
import { beside } from "./running.ts";

const ONE = "sk-one-0123456789";
const TWO = "sk-two-0123456789";

/** A proxy with one key, out of its environment, before a provider that knows two. */
async function served() {
  const simulator = Simulator.start({ keys: [{ secret: ONE }, { secret: TWO }] });
  const text = `apiKeys:
  - name: one
    key: \${KEY_ONE}
    url: ${simulator.url}
rotation: { strategy: round-robin }
log: { format: json }
`;
  const proxy = await Proxy.start(text, { env: { KEY_ONE: ONE } });
  const keyOf = async () => (await proxy.post("/v1/chat/completions", CHAT)).headers.get("x-keycycle-key");
  return {
    proxy,
    text,
    twoKeys: async () => new Set([await keyOf(), await keyOf()]),
    now: () => readFileSync(proxy.configPath, "utf8"),
    add: async (args: readonly string[], stdin = "") =>
      await runIn(
        dirname(proxy.configPath),
        ["keys", "add", "--config", proxy.configPath, "--url", simulator.url, ...args],
        { stdin },
      ),
    async [Symbol.asyncDispose]() {
      await proxy.stop();
      await simulator.stop();
    },
  };
}

describe("when keys add or keys remove returns, the running proxy", () => {
  test("serves with the added key, and no more with the removed one", async () => {
    await using stage = await served();
    const { proxy, add, twoKeys } = stage;
    const added = await add(["--name", "two"], TWO);
    expect(await twoKeys()).toEqual(new Set(["one", "two"]));
    expect(added.output).toContain("The running keycycle serves with it from now on.");
    expect(added.output).toContain(".env");
    expect(readFileSync(join(dirname(proxy.configPath), ".env"), "utf8")).toContain(TWO);
    expect((await beside(proxy, ["keys", "disable", "two"])).code).toBe(0);
    expect(await twoKeys()).toEqual(new Set(["one"]));
    expect((await beside(proxy, ["keys", "enable", "two"])).code).toBe(0);

    expect((await beside(proxy, ["keys", "remove", "one", "--yes"])).code).toBe(0);
    expect(await twoKeys()).toEqual(new Set(["two"]));
  });

  test("has refused what it cannot serve with, and the file is as it was", async () => {
    await using stage = await served();
    const { text, now, add, twoKeys, proxy } = stage;
    const { code, output } = await add(["--key-env", "NEWV", "--name", "two"]);
    expect(output).toContain("The running keycycle cannot serve with that");
    expect(output).toContain("NEWV is not set in the environment");
    expect(now()).toBe(text);
    expect(code).toBe(1);
    expect((await beside(proxy, ["keys", "disable", "one"])).code).toBe(0);
    expect((await beside(proxy, ["keys", "enable", "one"])).code).toBe(0);
    expect(await twoKeys()).toEqual(new Set(["one"]));
  });

  test("goes on as it was where the file had errors before", async () => {
    await using stage = await served();
    const { proxy, text, now, add, twoKeys } = stage;
    await Bun.write(proxy.configPath, text.replace("rotation:", "rotaton:"));
    const { code, output } = await add(["--name", "two"], TWO);
    expect(output).toContain("had errors before");
    expect(output).toContain('did you mean "rotation"?');
    expect(now()).toContain("name: two");
    expect(code).toBe(1);
    expect(await twoKeys()).toEqual(new Set(["one"]));
  });
});
