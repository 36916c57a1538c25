import { describe, expect, test } from "bun:test";
import { dirname } from "node:path";

import { BINARY } from "./binary.ts";
import { Folder } from "./folder.ts";
import { CHAT, Proxy, stage } from "./harness.ts";
import { beside } from "./running.ts";
import { Terminal } from "./terminal.ts";

const PATH = "/v1/chat/completions";

describe("keycycle status", () => {
  test("tells of each key how it is and what went over it", async () => {
    await using it = await stage([{ secret: "sk-good" }, { secret: "sk-bad", fault: { kind: "dead" } }], {
      config: { rotation: { strategy: "round-robin" } },
    });
    for (let sent = 0; sent < 4; sent += 1) await (await it.proxy.post(PATH, CHAT)).text();
    const { stdout, code } = await beside(it.proxy, ["status", "--json"]);
    expect(code).toBe(0);
    const status = JSON.parse(stdout);
    expect(status).toMatchObject({ url: it.proxy.url, pid: it.proxy.process.pid, waiting: 0 });
    expect(status.keys).toMatchObject([
      { name: "key-1", state: "ready", requests: 4, errors: 0, inFlight: 0, share: 1 },
      { name: "key-2", state: "dead", reason: "invalid_api_key", requests: 0, errors: 1, share: 0 },
    ]);
    expect(status.keys[0].inputTokens + status.keys[0].outputTokens).toBeGreaterThan(0);
    expect(status.keys[0].p95Ms).toBeGreaterThanOrEqual(status.keys[0].p50Ms);
    const told = (await beside(it.proxy, ["status"])).stdout;
    expect(told).toMatch(/key-1 +ready .* 4 +100 %/);
    expect(told).toMatch(/key-2 +dead.*invalid_api_key/);
    expect(told).not.toContain("\u001B");
  });

  test("needs none of the variables that hold the keys", async () => {
    const proxy = await Proxy.start("apiKeys: [{ key: '${SOME_KEY}', url: 'http://127.0.0.1:9' }]\n", {
      env: { SOME_KEY: "sk-a" },
    });
    expect((await beside(proxy, ["status"])).code).toBe(0);
    await proxy.stop();
  });

  test("says what to do where no proxy runs", async () => {
    using folder = new Folder({ "keycycle.yaml": "apiKeys: [{ key: k, url: https://api.openai.com }]\n" });
    const { output, code } = await folder.run(["status"]);
    expect(output).toContain(`No proxy that serves ${folder.path}/keycycle.yaml answers`);
    expect(output).toContain("keycycle serve");
    expect(code).toBe(1);
  });

  test("--watch redraws in place as the keys change, in any window, and leaves the last behind", async () => {
    await using it = await stage([{ secret: "sk-a" }, { secret: "sk-b" }]);
    const command = `${BINARY} status --watch --config ${it.proxy.configPath}`;
    await using terminal = await Terminal.start(command, { cwd: dirname(it.proxy.configPath), columns: 90 });
    await terminal.shows(/key-1 +ready/);
    await (await it.proxy.post(PATH, CHAT)).text();
    await terminal.shows(/key-1 +ready .* 1 +100 %/);
    await beside(it.proxy, ["keys", "disable", "key-2"]);
    const screen = await terminal.shows(/key-2 +disabled/);
    expect(screen.match(/KeyCycle/g)).toHaveLength(1);
    terminal.resize(44, 20);
    const narrow = await terminal.shows(/^in flight +0$/m);
    for (const line of narrow.split("\n")) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(44);
    terminal.press("C-c");
    expect(await terminal.ended()).toBe(0);
    expect(terminal.transcript).toMatch(/KeyCycle[^]*key-2[^]*disabled/);
  }, 20_000);

  test("--watch waits for a proxy that is restarted", async () => {
    await using it = await stage([{ secret: "sk-a" }]);
    const child = Bun.spawn([BINARY, "status", "--watch", "--json", "--config", it.proxy.configPath], {
      env: { PATH: process.env["PATH"] },
      stdout: "pipe",
      stderr: "inherit",
    });
    const reader = child.stdout.getReader();
    const decoder = new TextDecoder();
    let seen = "";
    const until = async (text: string) => {
      while (!seen.includes(text)) seen += decoder.decode((await reader.read()).value);
    };
    await until(`"pid":${it.proxy.process.pid}`);
    it.proxy.process.kill("SIGKILL");
    await until('"error":"No proxy that serves');
    child.kill("SIGINT");
    expect(await child.exited).toBe(0);
  }, 20_000);
});

describe("keycycle keys", () => {
  test("disable takes effect at once, is told in the answer, and enable takes it back", async () => {
    await using it = await stage([{ secret: "sk-a" }, { secret: "sk-b" }]);
    await it.proxy.post(PATH, CHAT);
    const { output, code } = await beside(it.proxy, ["keys", "disable", "key-1"]);
    expect(output).toContain("key-1 gets no further requests.");
    expect(code).toBe(0);
    for (let sent = 0; sent < 4; sent += 1)
      expect((await it.proxy.post(PATH, CHAT)).headers.get("x-keycycle-key")).toBe("key-2");
    await beside(it.proxy, ["keys", "disable", "key-2"]);
    const none = await it.proxy.post(PATH, CHAT);
    expect(none.status).toBe(503);
    expect(await none.text()).toContain("key-1 is disabled by its owner");
    expect((await beside(it.proxy, ["keys", "enable", "key-1"])).output).toContain("key-1 is used again.");
    expect((await it.proxy.post(PATH, CHAT)).headers.get("x-keycycle-key")).toBe("key-1");
    expect((await beside(it.proxy, ["keys", "enable", "key-1"])).output).toContain("was not disabled");
  });

  test("a disabled key stays so after a restart", async () => {
    using folder = new Folder();
    const config = {
      apiKeys: ["a", "b"].map((name) => ({ name, key: `sk-${name}`, url: "http://127.0.0.1:9" })),
      state: `${folder.path}/k.db`,
    };
    const first = await Proxy.start(config);
    expect((await beside(first, ["keys", "disable", "b"])).code).toBe(0);
    await first.stop();
    const second = await Proxy.start(config);
    const { stdout } = await beside(second, ["keys", "list", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject([
      { name: "a", state: "ready" },
      { name: "b", state: "disabled" },
    ]);
    await second.stop();
  });

  test("reset makes a key that was refused be used at once", async () => {
    await using it = await stage([{ secret: "sk-a", fault: { kind: "dead" } }]);
    expect((await it.proxy.post(PATH, CHAT)).status).toBe(503);
    expect((await it.proxy.post(PATH, CHAT)).status).toBe(503);
    const asked = it.simulator.requests.length;
    expect((await beside(it.proxy, ["keys", "reset", "key-1"])).code).toBe(0);
    await it.proxy.post(PATH, CHAT);
    expect(it.simulator.requests.length).toBe(asked + 1);
  });

  test("a key's name may hold what a path may not", async () => {
    await using it = await stage([{ secret: "sk-a", name: "a/b ?#%41" }]);
    expect((await beside(it.proxy, ["keys", "disable", "a/b ?#%41"])).code).toBe(0);
    expect((await it.proxy.post(PATH, CHAT)).status).toBe(503);
  });

  test("a name that no key has is an error", async () => {
    await using it = await stage([{ secret: "sk-a", name: "good-1" }]);
    for (const action of ["disable", "enable", "reset"]) {
      const { output, code } = await beside(it.proxy, ["keys", action, "god-1"]);
      expect(output).toContain('no key "god-1". Did you mean "good-1"?');
      expect(code).toBe(1);
    }
    const { output } = await beside(it.proxy, ["keys", "disable", "key/1"]);
    expect(output).toContain('no key "key/1", but good-1. keycycle keys list');
  });

  test("list shows keys that the configuration gained and lost meanwhile", async () => {
    await using it = await stage([{ secret: "sk-a" }]);
    const config = JSON.parse(await Bun.file(it.proxy.configPath).text());
    const [key] = config.apiKeys;
    config.apiKeys = [{ ...key, name: "new", key: "sk-new" }];
    await Bun.write(it.proxy.configPath, JSON.stringify(config));
    await it.proxy.logged((line) => line.message === "The configuration was reloaded");
    const { stdout } = await beside(it.proxy, ["keys", "list", "--json"]);
    expect(JSON.parse(stdout).map(({ name }: { name: string }) => name)).toEqual(["new"]);
  });
});
