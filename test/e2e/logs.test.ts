import { describe, expect, test } from "bun:test";

import { BINARY } from "./binary.ts";
import { Folder } from "./folder.ts";
import { CHAT, Proxy, stage } from "./harness.ts";
import { beside } from "./running.ts";

const PATH = "/v1/chat/completions";

function idsIn(lines: string): string[] {
  return lines.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line).id]));
}

describe("keycycle logs", () => {
  test("shows each request with its attempts, and those that are asked for", async () => {
    await using it = await stage(
      [{ secret: "sk-a", fault: { kind: "limited", retryAfterMs: 60_000 } }, { secret: "sk-b" }],
      {
        config: { clients: [{ name: "me", token: "t" }] },
      },
    );
    const headers = { authorization: "Bearer t" };
    await it.proxy.post(PATH, CHAT, { ...headers, "x-request-id": "first" });
    await it.proxy.post(PATH, { ...CHAT, model: "gpt-5" }, { ...headers, "x-request-id": "second" });
    await it.proxy.post(PATH, CHAT, { "x-request-id": "third" });
    const { stdout, code } = await beside(it.proxy, ["logs"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/200 +POST \/v1\/chat\/completions +gpt-4o-mini +key-2 +me/);
    expect(stdout).toMatch(/key-1 limited \(429\) in .*\n +key-2 served \(200\) in /);
    expect(stdout).toMatch(/401 .*invalid_client_token/);
    const ids = async (...args: string[]) =>
      idsIn((await beside(it.proxy, ["logs", "--json", ...args])).stdout);
    expect(await ids()).toEqual(["first", "second", "third"]);
    expect(await ids("--failed")).toEqual(["third"]);
    expect(await ids("--model", "gpt-4*")).toEqual(["first"]);
    expect(await ids("--key", "key-1")).toContain("first");
    expect(await ids("--key", "key-1", "--failed")).toEqual([]);
    expect(await ids("--client", "me")).toEqual(["first", "second"]);
    expect(await ids("--limit", "1")).toEqual(["third"]);
    expect(await ids("--since", "1h", "--client", "me")).toEqual(["first", "second"]);
    expect(await ids("--since", "2100-01-01")).toEqual([]);
  }, 15_000);

  test("wrong flags say what they take", async () => {
    await using it = await stage([{ secret: "sk-a" }]);
    const since = await beside(it.proxy, ["logs", "--since", "yesterday"]);
    expect(since.output).toContain("--since takes how long ago");
    expect(since.code).toBe(2);
    expect((await beside(it.proxy, ["logs", "--limit", "0"])).code).toBe(2);
    expect((await beside(it.proxy, ["logs"])).output).toContain("No request of this kind is remembered.");
    const mistyped = await beside(it.proxy, ["logs", "--key", "kye-1"]);
    expect(mistyped.output).toContain('has no key "kye-1". Did you mean "key-1"?');
  });

  test("requests outlast a restart, up to history.keep", async () => {
    using folder = new Folder();
    const config = {
      apiKeys: [{ key: "sk-a", url: "http://127.0.0.1:9" }],
      state: `${folder.path}/k.db`,
    };
    const first = await Proxy.start(config);
    for (const id of ["1", "2", "3"]) await first.post(PATH, CHAT, { "x-request-id": id });
    await first.stop();
    const second = await Proxy.start({ ...config, history: { keep: 2 } });
    await second.post(PATH, CHAT, { "x-request-id": "4" });
    expect(idsIn((await beside(second, ["logs", "--json"])).stdout)).toEqual(["3", "4"]);
    await second.stop();
  });

  test("history.keep: 0 remembers nothing, state: memory as long as the process", async () => {
    await using none = await stage([{ secret: "sk-a" }], { config: { history: { keep: 0 } } });
    await none.proxy.post(PATH, CHAT);
    expect((await beside(none.proxy, ["logs", "--json"])).stdout).toBe("");
    await using some = await stage([{ secret: "sk-a" }], { config: { state: "memory" } });
    await some.proxy.post(PATH, CHAT, { "x-request-id": "1" });
    expect(idsIn((await beside(some.proxy, ["logs", "--json"])).stdout)).toEqual(["1"]);
  });

  test("--follow shows each as it ends, one time, until Ctrl-C", async () => {
    await using it = await stage([{ secret: "sk-a" }]);
    await it.proxy.post(PATH, CHAT, { "x-request-id": "before" });
    const child = Bun.spawn([BINARY, "logs", "--follow", "--json", "--config", it.proxy.configPath], {
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
    await until('"before"');
    for (const id of ["one", "two"]) {
      await it.proxy.post(PATH, CHAT, { "x-request-id": id });
      await until(`"${id}"`);
    }
    child.kill("SIGINT");
    expect(await child.exited).toBe(0);
    expect(idsIn(seen)).toEqual(["before", "one", "two"]);
  });
});
