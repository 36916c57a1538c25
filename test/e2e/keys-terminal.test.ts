import { expect, test } from "bun:test";

import { BINARY } from "./binary.ts";
import { Folder } from "./folder.ts";
import { Pty } from "./pty.ts";
import { Terminal } from "./terminal.ts";

const YAML = `apiKeys:
  - name: work
    key: sk-literal-0123456789
    url: https://api.openai.com
  - name: spare
    key: sk-another-0123456789
    url: https://api.openai.com
`;

test.each([
  ["keys add", "Keys (hidden", "C-c"],
  ["keys add", "Keys (hidden", "C-d"],
  ["keys remove work", "Take work out", "C-c"],
  ["keys remove work", "Take work out", "C-d"],
])("keycycle %s is cancelled at %p by %s", async (command, question, key) => {
  using folder = new Folder({ "keycycle.yaml": YAML });
  await using terminal = await Terminal.start(`${BINARY} ${command}`, { cwd: folder.path });
  await terminal.shows(question);
  terminal.press(key);
  expect(await terminal.ended()).toBe(1);
  expect(terminal.screen).toContain("Cancelled: nothing was written.");
  expect(folder.read("keycycle.yaml")).toBe(YAML);
});

test("a terminal that goes away cancels what it was asked", async () => {
  using folder = new Folder({ "keycycle.yaml": YAML });
  const pty = new Pty(`trap "" HUP; ${BINARY} keys add; echo $? >ended`, folder.path);
  await pty.shows("Keys (hidden");
  pty.close();
  await pty.child.exited;
  expect(folder.read("ended")).toBe("1\n");
  expect(folder.read("keycycle.yaml")).toBe(YAML);
});
