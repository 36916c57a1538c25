import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type SimulatedKey, Simulator } from "../../src/demo/simulator.ts";
import { SERVE_IN_ONE } from "./binary.ts";
import { CHAT, type LogLine, Proxy } from "./harness.ts";
import { leakIn, marked } from "./marked.ts";

const CHAT_PATH = "/v1/chat/completions";
const SAVED = "What was learned was saved";

/** A simulator and a folder with a state file, both of which outlast the proxies that the test starts. */
class Lasting implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "keycycle-state-"));
  readonly path = join(this.folder, "keycycle.db");
  readonly simulator: Simulator;
  readonly #keys: readonly SimulatedKey[];
  readonly #proxies: Proxy[] = [];

  constructor(keys: readonly SimulatedKey[], latencyMs = 0) {
    this.#keys = keys;
    this.simulator = Simulator.start({ keys, latencyMs });
  }

  /** @param config  beside keys that are named by the ends of their secrets */
  async start(config: object = {}, limits: object = {}): Promise<Proxy> {
    const apiKeys = this.#keys.map(({ secret }) => ({
      name: secret.slice(3).split(".").at(-1),
      key: secret,
      url: this.simulator.url,
      models: "others",
      limits,
    }));
    const proxy = await Proxy.start({ apiKeys, log: { level: "debug" }, state: this.path, ...config });
    this.#proxies.push(proxy);
    return proxy;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const proxy of this.#proxies) await killed(proxy);
    await this.simulator.stop();
    rmSync(this.folder, { recursive: true });
  }
}

async function killed(proxy: Proxy): Promise<void> {
  proxy.process.kill("SIGKILL");
  await proxy.process.exited;
}

/** Waits until something was saved after the last line that fits. */
async function savedAfter(proxy: Proxy, fits: (line: LogLine) => boolean): Promise<void> {
  await proxy.until(() => {
    const last = proxy.log.findLastIndex(fits);
    return last >= 0 && proxy.log.slice(last).some(({ message }) => message === SAVED) ? true : undefined;
  });
}

/** So many clients that ask one request after another until the proxy is gone or refuses them. */
async function load(proxy: Proxy, clients: number, headers = {}): Promise<void> {
  const ask = async () => {
    try {
      let status = 200;
      while (status === 200) {
        const answer = await proxy.post(CHAT_PATH, CHAT, headers);
        await answer.text();
        status = answer.status;
      }
    } catch {
      // The proxy was killed.
    }
  };
  await Promise.all(Array.from({ length: clients }, ask));
}

describe("after a kill -9 under load", () => {
  test("a spent, a dead, a limited key and one without the model are not used before their time", async () => {
    const secrets = ["sk-spent", "sk-dead", "sk-limited", "sk-unserved", "sk-fine"];
    await using it = new Lasting(secrets.map((secret) => ({ secret })));
    const { simulator } = it;
    simulator.setFault("sk-spent", { kind: "spent" });
    simulator.setFault("sk-dead", { kind: "dead" });
    simulator.setFault("sk-limited", { kind: "limited", retryAfterMs: 600_000 });
    simulator.setFault("sk-unserved", { kind: "unserved-model" });
    const first = await it.start();
    const loading = load(first, 8);
    for (const state of ["spent", "dead", "limited", "unserved-model"]) {
      await savedAfter(first, (line) => line.event === "key" && line.state === state);
    }
    await killed(first);
    await loading;

    for (const secret of secrets) simulator.setFault(secret, undefined);
    const before = secrets.map((secret) => simulator.counts(secret).received);
    const second = await it.start();
    for (let request = 0; request < 20; request += 1) {
      const answer = await second.post(CHAT_PATH, CHAT);
      expect(answer.headers.get("x-keycycle-key")).toBe("fine");
    }
    const after = secrets.map((secret) => simulator.counts(secret).received);
    expect(after.slice(0, 4)).toEqual(before.slice(0, 4));
    const { message } = await second.logged(({ level }) => level === "warn");
    expect(message).toMatch(
      /^Set aside since before: spent \(spent: insufficient_quota, for .*\), dead \(dead: /,
    );
    // Another model is open to the limited one, and to the one without this model.
    const other = { ...CHAT, model: "gpt-4o" };
    const names = new Set<string | null>();
    for (let request = 0; request < 3; request += 1) {
      names.add((await second.post(CHAT_PATH, other)).headers.get("x-keycycle-key"));
    }
    expect(names).toEqual(new Set(["limited", "unserved", "fine"]));
  });

  test("a key is used again when its time has come, and not a moment before", async () => {
    await using it = new Lasting([{ secret: "sk-only" }]);
    it.simulator.setFault("sk-only", { kind: "limited", retryAfterMs: 3_000, hint: "header-ms" }, 1);
    const first = await it.start();
    expect((await first.post(CHAT_PATH, CHAT)).status).toBe(429);
    const { until } = await first.logged(({ state }) => state === "limited");
    await savedAfter(first, ({ state }) => state === "limited");
    await killed(first);

    const second = await it.start({ rotation: { maxWait: "10s" } });
    expect((await second.post(CHAT_PATH, CHAT)).status).toBe(200);
    expect(it.simulator.requests.at(-1)?.at).toBeGreaterThanOrEqual(Date.parse(until ?? ""));
  });

  test("a learned limit is still known: no request is refused to find it out again", async () => {
    const limits = { rpm: 6, kind: "fixed-window", windowMs: 600_000 } as const;
    await using it = new Lasting([{ secret: "sk-only", limits }]);
    const first = await it.start();
    await first.post(CHAT_PATH, CHAT);
    await load(first, 3);
    await savedAfter(first, ({ event }) => event === "request");
    await killed(first);

    const received = it.simulator.counts().received;
    const second = await it.start();
    expect((await second.post(CHAT_PATH, CHAT)).status).toBe(429);
    expect(it.simulator.counts().received).toBe(received);
    expect(it.simulator.counts().refused).toBe(0);
  });

  test.each([
    { is: "a key", limits: { rpd: 300 }, config: {} },
    {
      is: "a client",
      limits: {},
      config: { clients: [{ name: "me", token: "kc-me", limits: { rpd: 300 } }] },
    },
  ])(
    "the day's requests of $is are counted on, but for those of the last moment",
    async ({ limits, config }) => {
      await using it = new Lasting([{ secret: "sk-only" }], 20);
      const headers = { authorization: "Bearer kc-me" };
      const first = await it.start(config, limits);
      const loading = load(first, 2, headers);
      await first.until(() =>
        first.log.filter(({ message }) => message === SAVED).length >= 2 ? true : undefined,
      );
      await killed(first);
      await loading;
      const saved = first.log.findLastIndex(({ message }) => message === SAVED);
      const counted = first.log.slice(0, saved).filter(({ event }) => event === "request").length;
      const before = it.simulator.counts().received;
      expect(counted).toBeGreaterThan(0);

      const second = await it.start(config, limits);
      await load(second, 8, headers);
      const after = it.simulator.counts().received - before;
      expect(after).toBeLessThanOrEqual(300 - counted);
      // Two may have been counted that were never sent.
      expect(before + after).toBeGreaterThanOrEqual(298);
    },
  );
});

describe("a dead key", () => {
  test("is tried again once it is another key", async () => {
    await using it = new Lasting([{ secret: "sk-a" }, { secret: "sk-new" }]);
    it.simulator.setFault("sk-a", { kind: "dead" });
    const key = (secret: string) => ({
      apiKeys: [{ name: "mine", key: secret, url: it.simulator.url, models: "others" }],
    });
    const first = await it.start(key("sk-a"));
    expect((await first.post(CHAT_PATH, CHAT)).status).toBe(503);
    expect(await first.stop()).toBe(0);

    const second = await it.start(key("sk-a"));
    expect((await second.post(CHAT_PATH, CHAT)).status).toBe(503);
    expect(it.simulator.counts("sk-a").received).toBe(1);
    expect(await second.stop()).toBe(0);
    const third = await it.start(key("sk-new"));
    expect((await third.post(CHAT_PATH, CHAT)).status).toBe(200);
  });

  test("that its provider takes again comes back after a restart, and stays back after the next", async () => {
    await using it = new Lasting([{ secret: "sk-a" }]);
    it.simulator.setFault("sk-a", { kind: "dead" });
    const rotation = { probeAfter: "500ms" };
    const first = await it.start({ rotation });
    expect((await first.post(CHAT_PATH, CHAT)).status).toBe(503);
    await savedAfter(first, ({ state }) => state === "dead");
    await killed(first);

    it.simulator.setFault("sk-a", undefined);
    const second = await it.start({ rotation });
    await second.logged(({ message }) => message?.startsWith("Set aside since before: a (dead: ") === true);
    await savedAfter(second, ({ state }) => state === "recovered");
    await killed(second);
    const third = await it.start({ rotation: { probeAfter: 0 } });
    expect((await third.post(CHAT_PATH, CHAT)).status).toBe(200);
  });
});

describe("the file", () => {
  test("holds no part of a key or of a token", async () => {
    const [fine, dead, token] = [marked("fine"), marked("dead"), marked("token")];
    await using it = new Lasting([{ secret: fine }, { secret: dead, fault: { kind: "dead" } }]);
    const clients = [{ name: "me", token, limits: { rpd: 100 } }];
    const proxy = await it.start({ clients });
    const headers = { authorization: `Bearer ${token}` };
    for (let request = 0; request < 3; request += 1) await proxy.post(CHAT_PATH, CHAT, headers);
    await savedAfter(proxy, ({ event }) => event === "request");
    await killed(proxy);
    const names = readdirSync(it.folder);
    expect(names).toContain("keycycle.db-wal");
    // What is in a socket cannot be read.
    for (const name of names.filter((each) => !each.endsWith(".sock"))) {
      const text = readFileSync(join(it.folder, name), "latin1");
      expect(leakIn(text)).toBeUndefined();
    }
    expect(readFileSync(`${it.path}-wal`, "latin1")).toContain("invalid_api_key");
  });

  test("is not made where the configuration says memory", async () => {
    await using it = new Lasting([{ secret: "sk-a" }]);
    const proxy = await it.start({ state: "memory" });
    expect((await proxy.post(CHAT_PATH, CHAT)).status).toBe(200);
    expect(await proxy.stop()).toBe(0);
    expect(readdirSync(it.folder)).toEqual([]);
  });

  test("that another process has is left to it, and serving goes on", async () => {
    await using it = new Lasting([{ secret: "sk-a" }]);
    const first = await it.start();
    const second = await it.start();
    const { message } = await second.logged(({ level }) => level === "error");
    expect(message).toContain(`${it.path} is in use by another process`);
    for (const proxy of [first, second]) expect((await proxy.post(CHAT_PATH, CHAT)).status).toBe(200);
    await killed(first);
    await second.logged((line) => line.message === `What is learned is kept in ${it.path} from now on`);
    expect(second.log.filter(({ level }) => level === "error")).toHaveLength(1);
  });

  test("that changes in the configuration says that it needs a restart", async () => {
    await using it = new Lasting([{ secret: "sk-a" }]);
    const proxy = await it.start();
    const text = readFileSync(proxy.configPath, "utf8");
    writeFileSync(proxy.configPath, text.replace(it.path, join(it.folder, "other.db")));
    const { message } = await proxy.logged(({ level }) => level === "warn");
    expect(message).toBe("Changed, but takes effect when KeyCycle is restarted: state");
    expect(readdirSync(it.folder)).not.toContain("other.db");
  });
});

describe("a file that cannot be used", () => {
  const newerDatabase = () => {
    const database = new Database(":memory:");
    database.run(`PRAGMA application_id = ${0x4b_43_79_63}`);
    database.run("PRAGMA user_version = 99");
    return database.serialize();
  };

  test.each([
    { is: "damaged", why: "corrupt", bytes: () => Buffer.from("no database at all ".repeat(1_000)) },
    { is: "written by a newer KeyCycle", why: "newer", bytes: newerDatabase },
  ])("since it is $why is set aside, and serving goes on with a new one", async ({ is, why, bytes }) => {
    await using it = new Lasting([{ secret: "sk-a" }]);
    writeFileSync(it.path, bytes());
    const proxy = await it.start();
    const { message } = await proxy.logged(({ level }) => level === "error");
    expect(message).toStartWith(`${it.path} `);
    expect(message).toContain(is);
    expect((await proxy.post(CHAT_PATH, CHAT)).status).toBe(200);
    expect(await proxy.stop()).toBe(0);
    const names = readdirSync(it.folder).toSorted();
    expect(names).toEqual(["keycycle.db", expect.stringContaining(`keycycle.db.${why}-20`)]);
    expect(message).toContain(names[1] ?? "");
    expect(readFileSync(join(it.folder, names[1] ?? "")).equals(bytes())).toBe(true);
  });

  /** Of a user who is not root, to whom mode bits mean nothing. */
  const SOMEBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

  /** What the proxy tells loudly when it is started in a folder, as by somebody who is not root. */
  async function toldIn(folder: string, mode: number): Promise<string> {
    const text = '{ "apiKeys": [{ "key": "sk-a", "url": "http://127.0.0.1:1" }], "server": { "port": 0 } }';
    writeFileSync(join(folder, "keycycle.json"), text, { mode: 0o644 });
    const { uid, gid } = SOMEBODY;
    if (uid !== undefined) chownSync(folder, uid, gid);
    chmodSync(folder, mode);
    const child = Bun.spawn([...SERVE_IN_ONE], {
      cwd: folder,
      env: { HOME: folder, NO_COLOR: "1" },
      stdout: "pipe",
      ...SOMEBODY,
    });
    let output = "";
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      output += chunk;
      const url = /http:\/\/127\.0\.0\.1:\d+\n/.exec(output)?.[0].trim();
      if (url === undefined || !output.includes('"error"')) continue;
      expect((await fetch(`${url}/ready`)).status).toBe(200);
      child.kill("SIGTERM");
    }
    expect(await child.exited).toBe(0);
    return output;
  }

  test("for want of a folder that may be written leaves what is learned in memory", async () => {
    const folder = mkdtempSync(join(tmpdir(), "keycycle-read-only-"));
    const told = await toldIn(folder, 0o555);
    expect(told).toContain(`${join(folder, "keycycle.db")} may not be written by this user.`);
    expect(told).toContain("what is learned lasts as long as this process");
    expect(readdirSync(folder)).toEqual(["keycycle.json"]);
    rmSync(folder, { recursive: true });
  });

  test("for it is somebody else's is set aside where the folder allows it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "keycycle-read-only-"));
    writeFileSync(join(folder, "keycycle.db"), "", { mode: 0o444 });
    const told = await toldIn(folder, 0o755);
    expect(told).toContain("may not be written by this user. It was moved to");
    const names = readdirSync(folder).toSorted();
    expect(names).toEqual([
      "keycycle.db",
      expect.stringContaining("keycycle.db.unwritable-"),
      "keycycle.json",
    ]);
    rmSync(folder, { recursive: true });
  });
});
