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

test.each([
  ["keys add", "Keys (hidden"],
  ["init", "Where are your keys?"],
  // Between two questions.
  ["init --key-env K --url $SILENT", "Asking the providers"],
])("a terminal that goes away cancels keycycle %s", async (command, shown) => {
  await using silent = Bun.serve({ port: 0, fetch: () => new Promise<Response>(() => {}) });
  using folder = new Folder({ "keycycle.yaml": YAML });
  const env = { K: "sk-proj-0123456789abcdef", SILENT: silent.url.origin };
  const pty = new Pty(`trap "" HUP; ${BINARY} ${command}; echo $? >ended`, folder.path, env);
  await pty.shows(shown);
  pty.close();
  await pty.child.exited;
  expect(folder.read("ended")).toBe("1\n");
  expect(folder.read("keycycle.yaml")).toBe(YAML);
});

test("keys add asks whose a key is that nothing tells", async () => {
  using folder = new Folder({ "keycycle.yaml": YAML });
  await using terminal = await Terminal.start(`${BINARY} keys add --store file`, { cwd: folder.path });
  await terminal.shows("Keys (hidden");
  terminal.paste("0123456789abcdef0123");
  terminal.press("Enter");
  await terminal.shows("Whose key is …0123?");
  terminal.press("Enter");
  expect(await terminal.ended()).toBe(0);
  expect(terminal.screen).not.toContain("89abcdef");
  expect(folder.read("keycycle.yaml")).toContain(
    'key: "0123456789abcdef0123"\n    url: https://api.openai.com\n',
  );
});
