import { describe, expect, test } from "bun:test";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { Folder, runIn } from "./folder.ts";
import { Proxy } from "./harness.ts";
import { beside } from "./running.ts";

const URL = "http://127.0.0.1:9";
const OTHER = `apiKeys:\n  - name: one\n    key: sk-other\n    url: ${URL}\n  - name: two\n    key: sk-two\n    url: ${URL}\n`;

/** A proxy, and beside its configuration another that nobody serves; both keep the state in one file. */
async function servedBesideAnother() {
  const proxy = await Proxy.start({ apiKeys: [{ name: "one", key: "sk-one", url: URL }] });
  const folder = dirname(proxy.configPath);
  writeFileSync(join(folder, "b.yaml"), OTHER, { mode: 0o600 });
  return {
    proxy,
    folder,
    ofOther: async (args: readonly string[], stdin = "") =>
      await runIn(folder, [...args, "--config", "b.yaml"], { stdin }),
    other: () => readFileSync(join(folder, "b.yaml"), "utf8"),
    [Symbol.asyncDispose]: async () => void (await proxy.stop()),
  };
}

const whose = ({ configPath }: Proxy, folder: string) =>
  `serves ${configPath}, not ${join(folder, "b.yaml")}`;

describe("with two configurations in one folder, of which one is served", () => {
  for (const args of [
    ["status"],
    ["status", "--json"],
    ["logs"],
    ["keys", "list"],
    ["keys", "disable", "one"],
    ["keys", "reset", "one"],
  ]) {
    test(`${args.join(" ")} for the other one says whose the proxy is`, async () => {
      await using it = await servedBesideAnother();
      const { code, stdout, stderr } = await it.ofOther(args);
      expect(stderr).toContain(whose(it.proxy, it.folder));
      expect(stderr).toContain(`--config ${it.proxy.configPath}`);
      expect(stdout).toBe("");
      expect(code).toBe(1);
      const { keys } = JSON.parse((await beside(it.proxy, ["status", "--json"])).stdout);
      expect(keys).toMatchObject([{ name: "one", state: "ready" }]);
    });
  }

  test("keys add and keys remove edit the other file, and do not say that it is in force", async () => {
    await using it = await servedBesideAnother();
    const added = await it.ofOther(["keys", "add", "--url", URL, "--name", "three"], "sk-three-0123456789");
    const removed = await it.ofOther(["keys", "remove", "two", "--yes"]);
    for (const { output, code } of [added, removed]) {
      expect(output).toContain("No keycycle is running with b.yaml");
      expect(output).toContain(whose(it.proxy, it.folder));
      expect(output).not.toContain("from now on");
      expect(code).toBe(0);
    }
    expect(it.other()).toContain("name: three");
    expect(it.other()).not.toContain("name: two");
    expect(it.proxy.output).not.toContain("reloaded");
  });

  test("the served one is asked by its name, by a link to it and by where it is looked for", async () => {
    await using it = await servedBesideAnother();
    symlinkSync(it.proxy.configPath, join(it.folder, "link.json"));
    symlinkSync(it.folder, join(it.folder, "same"));
    for (const args of [["--config", "link.json"], ["--config", "same/link.json"], []]) {
      const { stdout, code } = await runIn(it.folder, ["status", "--json", ...args]);
      expect(JSON.parse(stdout)).toMatchObject({ config: it.proxy.configPath });
      expect(code).toBe(0);
    }
  });
});

describe("a second proxy with the same state file", () => {
  const config = (state: string) => ({ apiKeys: [{ name: "one", key: "sk-one", url: URL }], state });

  test("names the first one's configuration where that is another, and has the socket when it ends", async () => {
    using folder = new Folder();
    const first = await Proxy.start(config(join(folder.path, "k.db")));
    const second = await Proxy.start(config(join(folder.path, "k.db")));
    const { message } = await second.logged((line) => line.message?.includes("k.db.sock") === true);
    expect(message).toContain(`Process ${first.process.pid} (${first.url}) serves ${first.configPath}`);
    expect(message).toContain("a state file of its own");
    expect((await beside(second, ["status"])).stderr).toContain(`serves ${first.configPath}`);
    await first.stop();
    await second.logged((line) => line.message?.includes("reach this proxy from now on") === true);
    expect((await beside(second, ["status"])).stdout).toContain(second.url);
    await second.stop();
    expect(folder.has("k.db.sock")).toBe(false);
  });

  test("that serves the same file says so, and has the socket when the first is killed", async () => {
    using folder = new Folder();
    const path = join(folder.path, "keycycle.json");
    writeFileSync(path, JSON.stringify(config("./k.db")), { mode: 0o600 });
    const first = await Proxy.start("", { args: ["--config", path] });
    const second = await Proxy.start("", { args: ["--config", path] });
    const { message } = await second.logged((line) => line.message?.includes("already") === true);
    expect(message).toContain(`Process ${first.process.pid} (${first.url}) serves this configuration`);
    expect((await folder.run(["status"])).stdout).toContain(first.url);
    first.process.kill("SIGKILL");
    await first.process.exited;
    await second.logged((line) => line.message?.includes("reach this proxy from now on") === true);
    expect((await folder.run(["status"])).stdout).toContain(second.url);
    await second.stop();
  });
});
