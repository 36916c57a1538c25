import { describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { SERVE_IN_ONE } from "./binary.ts";
import { front } from "./front.ts";
import { CHAT, type Proxy, type Stage } from "./harness.ts";
import { RawClient } from "./raw-client.ts";
import { chunkOf, eventOf, LAST_CHUNK, rawStage, STREAM_HEAD } from "./raw-upstream.ts";

const RELOADED = "The configuration was reloaded";
const SECRETS = ["sk-a", "sk-b", "sk-c"];

/** A configuration of keys named by the ends of their secrets, in this order of use. */
/** So that it is known which key is asked next. */
const IN_TURN = { rotation: { strategy: "round-robin", maxWait: "0s" } };

function configOf(url: string, secrets: readonly string[], more: object = {}): object {
  return {
    apiKeys: secrets.map((key) => ({ name: key.slice(3), key, url })),
    ...IN_TURN,
    ...more,
  };
}

/** Starts with the first keys of three. */
async function started(secrets: readonly string[], more?: object): Promise<Stage> {
  const keys = SECRETS.map((secret) => ({ secret }));
  return await front(keys, (url) => configOf(url, secrets, more));
}

/** Until the configuration has been taken over so many times. */
async function reloaded(proxy: Proxy, times = 1): Promise<void> {
  const count = () => proxy.log.filter(({ message }) => message === RELOADED).length;
  await proxy.until(() => count() >= times || undefined);
  expect(count()).toBe(times);
}

async function rewrite(
  { proxy, simulator }: Stage,
  secrets: readonly string[],
  more?: object,
): Promise<void> {
  const times = proxy.log.filter(({ message }) => message === RELOADED).length;
  writeFileSync(proxy.configPath, JSON.stringify(configOf(simulator.url, secrets, more)));
  await reloaded(proxy, times + 1);
}

/** The name of the key that served. */
async function served(proxy: Proxy): Promise<string | null> {
  const response = await proxy.post("/v1/chat/completions", CHAT);
  expect(response.status).toBe(200);
  return response.headers.get("x-keycycle-key");
}

describe("a new key is used without a restart when the file", () => {
  test("is written over", async () => {
    await using it = await started(["sk-a"]);
    expect(await served(it.proxy)).toBe("a");
    await rewrite(it, ["sk-b"]);
    expect(await served(it.proxy)).toBe("b");
  });

  test("is replaced by rename, again and again", async () => {
    await using it = await started(["sk-a"]);
    for (const [index, secret] of ["sk-b", "sk-c", "sk-a"].entries()) {
      const next = `${it.proxy.configPath}.swp`;
      writeFileSync(next, JSON.stringify(configOf(it.simulator.url, [secret])));
      renameSync(next, it.proxy.configPath);
      await reloaded(it.proxy, index + 1);
      expect(await served(it.proxy)).toBe(secret.slice(3));
    }
  });

  test("is deleted and written anew", async () => {
    await using it = await started(["sk-a"]);
    rmSync(it.proxy.configPath);
    expect(await served(it.proxy)).toBe("a");
    await rewrite(it, ["sk-b"]);
    expect(await served(it.proxy)).toBe("b");
    expect(it.proxy.log.filter(({ level }) => level === "error")).toEqual([]);
  });

  test("lies behind a symbolic link that is swapped, as Kubernetes does", async () => {
    const volume = mkdtempSync(join(tmpdir(), "keycycle-volume-"));
    const link = join(volume, "config.json");
    const swap = (version: string, config: object) => {
      mkdirSync(join(volume, version));
      writeFileSync(join(volume, version, "config.json"), JSON.stringify(config));
      symlinkSync(version, join(volume, "..new"));
      renameSync(join(volume, "..new"), join(volume, "..data"));
    };
    const place = (url: string) => {
      swap("..v0", configOf(url, ["sk-a"]));
      symlinkSync("..data/config.json", link);
      return configOf(url, ["sk-a"]);
    };
    const keys = SECRETS.map((secret) => ({ secret }));
    await using it = await front(keys, place, { args: ["--config", link] });
    expect(it.proxy.output).toContain(link);
    for (const [index, secret] of ["sk-b", "sk-c"].entries()) {
      swap(`..v${index + 1}`, configOf(it.simulator.url, [secret]));
      rmSync(join(volume, `..v${index}`), { recursive: true });
      await reloaded(it.proxy, index + 1);
      expect(await served(it.proxy)).toBe(secret.slice(3));
    }
    rmSync(volume, { recursive: true });
  });
});

test("what was used of a limit counts on when the limit is another", async () => {
  const limitedTo = (url: string, rpm: number) => ({
    apiKeys: [{ name: "a", key: "sk-a", url, models: "others", limits: { rpm } }],
  });
  await using it = await front([{ secret: "sk-a" }], (url) => ({ ...IN_TURN, ...limitedTo(url, 4) }));
  const servedOfTwelve = async () => {
    const answers = Array.from({ length: 12 }, () => it.proxy.post("/v1/chat/completions", CHAT));
    return (await Promise.all(answers)).filter(({ status }) => status === 200).length;
  };
  const counts = [await servedOfTwelve()];
  for (const rpm of [8, 9, 5]) {
    await rewrite(it, ["sk-a"], limitedTo(it.simulator.url, rpm));
    counts.push(await servedOfTwelve());
  }
  expect(counts).toEqual([4, 4, 1, 0]);
  expect(it.simulator.counts().received).toBe(9);
});

test("a keys file that grows is taken over as well", async () => {
  const keysFile = join(mkdtempSync(join(tmpdir(), "keycycle-keys-")), "keys.txt");
  const keys = SECRETS.map((secret) => ({ secret }));
  writeFileSync(keysFile, "sk-a\n", { mode: 0o600 });
  await using it = await front(keys, (url) => ({ apiKeys: [{ name: "k", keysFile, url }] }));
  expect(await served(it.proxy)).not.toBeNull();
  writeFileSync(keysFile, "sk-b\nsk-c\n");
  await reloaded(it.proxy);
  await Promise.all([served(it.proxy), served(it.proxy)]);
  expect(it.simulator.requests.map(({ secret }) => secret).toSorted()).toEqual(SECRETS);
  rmSync(dirname(keysFile), { recursive: true });
});

test("a stream in flight is not cut by a reload, though its key and timeouts are gone", async () => {
  const released = Promise.withResolvers<void>();
  await using it = await rawStage(async ({ socket, target }) => {
    if (target !== "/v1/chat/completions") {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    socket.write(STREAM_HEAD + chunkOf(eventOf("one")));
    await released.promise;
    socket.write(chunkOf(eventOf("two")) + LAST_CHUNK);
  });
  const client = await RawClient.chat(it.proxy.url);
  await client.untilReceived("one");
  const next = { apiKeys: [{ name: "other", key: "sk-other", url: it.upstream.url }] };
  writeFileSync(it.proxy.configPath, JSON.stringify(next));
  await reloaded(it.proxy);
  const other = await fetch(`${it.proxy.url}/v1/files`);
  expect(other.headers.get("x-keycycle-key")).toBe("other");

  released.resolve();
  await client.untilReceived("two");
  await client.untilReceived(LAST_CHUNK);
  const line = await it.proxy.logged(({ path }) => path === "/v1/chat/completions");
  expect(line).toMatchObject({ key: "raw", status: 200 });
  expect(line).not.toHaveProperty("error");
});

describe("what was learned of a key that stays", () => {
  test("survives: a dead key stays dead and is asked no more", async () => {
    await using it = await started(["sk-a", "sk-b"]);
    it.simulator.setFault("sk-a", { kind: "dead" });
    expect(await served(it.proxy)).toBe("b");
    await rewrite(it, ["sk-c", "sk-a", "sk-b"]);
    const names = [await served(it.proxy), await served(it.proxy), await served(it.proxy)];
    expect(names).not.toContain("a");
    expect(it.simulator.counts("sk-a").received).toBe(1);
  });

  test("survives: a cooldown goes on, under another name, with other models and elsewhere in the file", async () => {
    await using it = await started(["sk-a", "sk-b"]);
    it.simulator.setFault("sk-a", { kind: "limited", retryAfterMs: 600_000 });
    expect(await served(it.proxy)).toBe("b");
    it.simulator.setFault("sk-a", undefined);
    const { url } = it.simulator;
    const apiKeys = [
      { name: "b", key: "sk-b", url },
      { name: "renamed", key: "sk-a", url, models: ["gpt-*", "others"], priority: -0, weight: 3 },
    ];
    writeFileSync(it.proxy.configPath, JSON.stringify({ apiKeys, ...IN_TURN }));
    await reloaded(it.proxy);
    writeFileSync(
      it.proxy.configPath,
      JSON.stringify({ ...IN_TURN, apiKeys: apiKeys.map((key) => ({ ...key, models: "others" })) }),
    );
    await reloaded(it.proxy, 2);
    expect([await served(it.proxy), await served(it.proxy)]).toEqual(["b", "b"]);
    expect(it.simulator.counts("sk-a").received).toBe(1);
  });

  test("ends with a key that is replaced: the new secret is tried", async () => {
    await using it = await started(["sk-a"]);
    it.simulator.setFault("sk-a", { kind: "dead" });
    expect((await it.proxy.post("/v1/chat/completions", CHAT)).status).toBe(503);
    await rewrite(it, ["sk-b"]);
    expect(await served(it.proxy)).toBe("b");
  });

  test("is learned under the new configuration from requests of the old one", async () => {
    await using it = await started(["sk-a"]);
    it.simulator.setFault("sk-a", { kind: "slow", firstByteMs: 0 });
    await served(it.proxy);
    await rewrite(it, ["sk-a", "sk-b"]);
    it.simulator.setFault("sk-a", { kind: "spent" });
    expect([await served(it.proxy), await served(it.proxy)]).toEqual(["b", "b"]);
    expect(it.simulator.counts("sk-a").received).toBe(2);
  });
});

describe("a broken edit", () => {
  test.each([
    { is: "broken JSON", text: (good: string) => good.slice(0, -3), at: /config\.json:\d+:\d+ / },
    {
      is: "an unknown setting",
      text: (good: string) => good.replace('"models"', '"modles"'),
      at: /config\.json:6:7 .*did you mean "models"/s,
    },
    { is: "nothing", text: () => "", at: /config\.json:1:1 / },
    { is: "no keys", text: () => '{ "apiKeys": [] }', at: /config\.json:\d+:\d+ / },
    {
      is: "a missing variable",
      text: (good: string) => good.replace("sk-a", "${NOT_SET_ANYWHERE}"),
      at: /config\.json:5:15 .*NOT_SET_ANYWHERE/s,
    },
  ])("with $is says where, and leaves the old configuration in force", async ({ text, at }) => {
    const keys = SECRETS.map((secret) => ({ secret }));
    const config = (url: string) => ({ apiKeys: [{ name: "a", key: "sk-a", models: "others", url }] });
    await using it = await front(keys, config);
    const good = JSON.stringify(config(it.simulator.url), null, 2);
    writeFileSync(it.proxy.configPath, text(good));
    const line = await it.proxy.logged(({ level }) => level === "error");
    expect(line.message).toContain("the one before stays in force");
    expect(line.message).toMatch(at);
    expect(await served(it.proxy)).toBe("a");
    await rewrite(it, ["sk-b"]);
    expect(await served(it.proxy)).toBe("b");
  });
});

test("host and port say that they need a restart, and all else of the edit is taken over", async () => {
  await using it = await started(["sk-a"]);
  await rewrite(it, ["sk-b"], { server: { host: "127.0.0.2" } });
  const line = await it.proxy.logged(({ level }) => level === "warn");
  expect(line.message).toContain("when KeyCycle is restarted");
  expect(await served(it.proxy)).toBe("b");
});

describe("what takes effect at a restart only", () => {
  const warnings = ({ proxy }: Stage) => proxy.log.filter(({ level }) => level === "warn");

  test("is compared to what is bound: a change that is taken back is not told", async () => {
    await using it = await started(["sk-a"]);
    await rewrite(it, ["sk-a"], { server: { host: "127.0.0.2" } });
    await it.proxy.logged(({ level }) => level === "warn");
    await rewrite(it, ["sk-b"]);
    await served(it.proxy);
    await rewrite(it, ["sk-a"]);
    expect(warnings(it)).toHaveLength(1);
  });

  test("is of readTimeout the half that belongs to idle connections", async () => {
    await using it = await started(["sk-a"]);
    await rewrite(it, ["sk-a"], { server: { readTimeout: "7s" } });
    const { message } = await it.proxy.logged(({ level }) => level === "warn");
    expect(message).toBe(
      "server.readTimeout holds for bodies at once, for idle connections when KeyCycle is restarted",
    );
  });
});

test("a config file that goes is told once, and the old configuration stays in force", async () => {
  await using it = await started(["sk-a"]);
  rmSync(it.proxy.configPath);
  const { message } = await it.proxy.logged(({ level }) => level === "warn");
  expect(message).toBe(
    `${it.proxy.configPath} is gone: the configuration before stays in force until it is back`,
  );
  expect(await served(it.proxy)).toBe("a");
});

test("the port of the file says that it needs a restart", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "keycycle-port-"));
  const file = join(cwd, "keycycle.yaml");
  const text = (port: number) =>
    `server: { port: ${port} }\napiKeys:\n  - { key: sk-a, url: "http://127.0.0.1:1" }\n`;
  writeFileSync(file, text(0), { mode: 0o600 });
  const child = Bun.spawn([...SERVE_IN_ONE], { cwd, env: { HOME: cwd, NO_COLOR: "1" }, stdout: "pipe" });
  let output = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    const begins = !output.includes("KeyCycle ") && chunk.includes("KeyCycle ");
    output += chunk;
    if (begins) writeFileSync(file, text(39_999));
    if (output.includes("restart")) child.kill("SIGTERM");
  }
  expect(await child.exited).toBe(0);
  expect(output).toContain("server.port");
  rmSync(cwd, { recursive: true });
});
