import { expect, test } from "bun:test";

import { Folder } from "./folder.ts";

const UNIT = ".config/systemd/user/keycycle.service";
const YAML = 'apiKeys: [{ key: "${A_KEY}", url: https://api.openai.com }]\n';

test("a unit is shown, written when that is wanted, and taken away again", async () => {
  using folder = new Folder({ "keycycle.yaml": YAML });
  const env = { A_KEY: "sk-1" };
  const shown = await folder.run(["service", "install"], { env });
  expect(shown.output).toContain(`serve --config ${folder.path}/keycycle.yaml`);
  expect(shown.output).toContain("A_KEY: in the environment of this shell perhaps");
  expect(shown.output).toContain("say --yes");
  expect([shown.code, folder.has(UNIT)]).toEqual([2, false]);

  const written = await folder.run(["service", "install", "--yes"], { env });
  expect(written.output).toContain("Next: systemctl --user daemon-reload");
  expect([written.code, folder.read(UNIT).includes("ExecStart=")]).toEqual([0, true]);
  expect((await folder.run(["service", "install"], { env })).output).toContain("is as it should be");

  folder.write("other.yaml", YAML);
  const changed = await folder.run(["service", "install", "--config", "other.yaml", "--yes"], { env });
  expect(changed.stdout).toMatch(/^- ExecStart=.*keycycle\.yaml$/m);
  expect(changed.stdout).toMatch(/^\+ ExecStart=.*other\.yaml$/m);

  expect((await folder.run(["service", "uninstall"])).code).toBe(2);
  const gone = await folder.run(["service", "uninstall", "--yes"]);
  expect([gone.code, folder.has(UNIT)]).toEqual([0, false]);
  expect((await folder.run(["service", "uninstall", "--yes"])).code).toBe(1);
});

test("where there is no systemd it is said that nothing starts the unit", async () => {
  using folder = new Folder({ "keycycle.yaml": YAML });
  const env = { A_KEY: "sk-1", PATH: "/nowhere" };
  const { output, code } = await folder.run(["service", "install", "--yes"], { env });
  expect(output.replaceAll(/\s+/g, " ")).toContain("systemd does not run here (there is no systemctl)");
  expect(code).toBe(0);
});

test("a unit that somebody else wrote is left alone", async () => {
  using folder = new Folder({ [UNIT]: "[Service]\nExecStart=/bin/true\n" });
  const { code, output } = await folder.run(["service", "uninstall", "--yes"]);
  expect(output).toContain("was not written by keycycle");
  expect([code, folder.has(UNIT)]).toEqual([1, true]);
});

test("a wrong configuration, or none, is no service", async () => {
  using folder = new Folder({ "broken.yaml": "apiKeys: []\n" });
  const [broken, none] = await Promise.all([
    folder.run(["service", "install", "--yes", "--config", "broken.yaml"]),
    folder.run(["service", "install", "--yes"], { env: { OPENAI_API_KEY: "sk-1" } }),
  ]);
  expect(broken.output).toContain("broken.yaml:1:10");
  expect(none.output).toContain("keycycle init");
  expect([broken.code, none.code, folder.has(UNIT)]).toEqual([2, 2, false]);
});
