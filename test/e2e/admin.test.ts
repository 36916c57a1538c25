import { describe, expect, test } from "bun:test";
import { existsSync, lstatSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { Folder } from "./folder.ts";
import { CHAT, Proxy, stage } from "./harness.ts";
import { beside } from "./running.ts";

const KEYS = [{ secret: "sk-a" }, { secret: "sk-b" }];
const PATH = "/v1/chat/completions";

function socketOf(proxy: Proxy): string {
  return join(dirname(proxy.configPath), "keycycle.db.sock");
}

describe("the socket", () => {
  test("stands beside the state file for its owner alone, and goes with the proxy", async () => {
    await using it = await stage(KEYS);
    const socket = socketOf(it.proxy);
    expect(lstatSync(socket).mode & 0o777).toBe(0o600);
    expect(await it.proxy.stop()).toBe(0);
    expect(existsSync(socket)).toBe(false);
  });

  test("of a process that was killed is replaced", async () => {
    using folder = new Folder({ "keycycle.yaml": "apiKeys: [{ key: sk-a, url: http://127.0.0.1:9 }]\n" });
    const config = {
      apiKeys: [{ key: "sk-a", url: "http://127.0.0.1:9" }],
      state: join(folder.path, "k.db"),
    };
    const first = await Proxy.start(config);
    first.process.kill("SIGKILL");
    await first.process.exited;
    expect(folder.has("k.db.sock")).toBe(true);
    const second = await Proxy.start(config);
    const { stdout, code } = await beside(second, ["status"]);
    expect(stdout).toContain(second.url);
    expect(code).toBe(0);
    await second.stop();
  });

  test("has another place where the path of the state file is too long", async () => {
    using folder = new Folder();
    const deep = join(folder.path, "d".repeat(100));
    mkdirSync(deep);
    const config = { apiKeys: [{ key: "sk-a", url: "http://127.0.0.1:9" }], state: join(deep, "k.db") };
    const proxy = await Proxy.start(config);
    expect((await beside(proxy, ["status"])).stdout).toContain(proxy.url);
    await proxy.stop();
  });

  test("does not take the place of a file", async () => {
    using folder = new Folder({ "k.db.sock": "mine" });
    const config = {
      apiKeys: [{ key: "sk-a", url: "http://127.0.0.1:9" }],
      state: join(folder.path, "k.db"),
    };
    const proxy = await Proxy.start(config);
    const { message } = await proxy.logged((line) => line.message?.includes("k.db.sock") === true);
    expect(message).toContain("a file is in its place");
    await proxy.stop();
    expect(folder.read("k.db.sock")).toBe("mine");
  });
});

describe("over TCP", () => {
  const status = (proxy: Proxy, token?: string, method = "GET", path = "/admin/status") =>
    fetch(proxy.url + path, { method, headers: token === undefined ? {} : { authorization: token } });

  test("nobody is answered without admin.token in the configuration", async () => {
    await using it = await stage(KEYS, { config: { clients: [{ token: "client-token" }] } });
    const answers = await Promise.all([
      status(it.proxy),
      status(it.proxy, "Bearer client-token"),
      status(it.proxy, "Bearer "),
      status(it.proxy, "Bearer undefined", "POST", "/admin/keys/key-1/disable"),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([404, 404, 404, 404]);
    expect(await answers[0]?.text()).toContain("admin.token");
  });

  test("with it, who sends it may ask and act; a wrong one and a client's may not", async () => {
    const config = { admin: { token: "admin-token" }, clients: [{ token: "client-token" }] };
    await using it = await stage(KEYS, { config });
    const refused = await Promise.all([
      status(it.proxy),
      status(it.proxy, "Bearer client-token"),
      status(it.proxy, "Bearer admin-toke"),
      status(it.proxy, "admin-token"),
      status(it.proxy, undefined, "POST", "/admin/keys/key-1/disable"),
    ]);
    expect(refused.map((answer) => answer.status)).toEqual([401, 401, 401, 401, 401]);
    const answer = await status(it.proxy, "bearer admin-token");
    expect(await answer.json()).toMatchObject({ keys: [{ name: "key-1" }, { name: "key-2" }] });
    const done = await status(it.proxy, "Bearer admin-token", "POST", "/admin/keys/key-1/disable");
    expect(await done.json()).toEqual({ changed: true, lasts: true });
    expect((await status(it.proxy, "Bearer admin-token", "GET", "/admin/nothing")).status).toBe(404);
    // The token of an administrator spends no key.
    const chat = await it.proxy.post(PATH, CHAT, { authorization: "Bearer admin-token" });
    expect(chat.status).toBe(401);
  });

  test("a token that a reload brings or takes away counts at once", async () => {
    await using it = await stage(KEYS);
    const written = JSON.parse(await Bun.file(it.proxy.configPath).text());
    const write = (config: object) => writeFileSync(it.proxy.configPath, JSON.stringify(config));
    write({ ...written, admin: { token: "new-token" } });
    await it.proxy.logged((line) => line.message === "The configuration was reloaded");
    expect((await status(it.proxy, "Bearer new-token")).status).toBe(200);
  });
});
