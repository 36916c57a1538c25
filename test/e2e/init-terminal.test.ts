import { describe, expect, test } from "bun:test";

import { Simulator } from "../../src/demo/simulator.ts";
import { BINARY } from "./binary.ts";
import { Folder } from "./folder.ts";
import { CHAT } from "./harness.ts";
import { Pty } from "./pty.ts";
import { Terminal } from "./terminal.ts";

const ALPHA = "sk-proj-alpha-0123456789ab";
const BETA = "sk-proj-beta-0123456789cd";
const GONE = "sk-proj-gone-0123456789ef";

/** A question, by words that only it has, and the keys that answer it. */
type Step = readonly [question: string, answer: (terminal: Terminal) => void];

const press =
  (...keys: string[]) =>
  (terminal: Terminal) =>
    terminal.press(...keys);

/** A session and the flags that it is started with; together they have every question that there is. */
interface Session {
  readonly flags: (simulator: Simulator) => string;
  readonly steps: readonly Step[];
}

/** Keys of `.env`, of a file that lies about, and pasted ones. */
const TRIED: Session = {
  flags: ({ url }) => `--url ${url} --provider openai`,
  steps: [
    ["which of them?", press("Space", "Enter")],
    ["Import it?", press("Enter")],
    ["Any more keys?", press("Down", "Enter")],
    ["Keys (hidden; several at once)", (terminal) => terminal.paste(`${BETA}\n${GONE}\n`)],
    ["2 keys", press("Enter")],
    ["That is all: 3 keys", press("Enter")],
    ["Leave out the key that is refused?", press("Enter")],
    ["Which models are the keys of", press("Down", "Enter")],
    ["Models of", press("Space", "Enter")],
    ["Who may use the proxy?", press("Down", "Enter")],
    ["Who is to have a token?", press("Enter")],
    ["to be kept?", press("Enter")],
  ],
};

/** A key that nothing tells the provider of, in a file that is named. */
const UNKNOWN: Session = {
  flags: () => "--offline",
  steps: [
    ["which of them?", press("Space", "Enter")],
    ["Import it?", press("Right", "Enter")],
    ["Where are your keys?", press("Down", "Enter")],
    ["Which file?", (terminal) => terminal.type("more.txt")],
    ["more.txt", press("Enter")],
    ["Whose key is …wxyz?", press("Up", "Enter")],
    ["Its base URL?", (terminal) => terminal.type("http://127.0.0.1:9/v1")],
    ["127.0.0.1:9/v1", press("Enter")],
    ["That is all: 1 key", press("Enter")],
    ["Which models are the keys of 127.0.0.1:9/v1", press("Down", "Enter")],
    ["Names and globs, with commas", (terminal) => terminal.type("llama-*")],
    ["llama-*", press("Enter")],
    ["Who may use the proxy?", press("Down", "Down", "Enter")],
    ["Who is to have a token?", press("Enter")],
    ["to be kept?", press("Down", "Enter")],
  ],
};

/** A simulator that knows two keys, and a folder where keys lie about. */
function scene(): { simulator: Simulator; folder: Folder } {
  const simulator = Simulator.start({ keys: [{ secret: ALPHA }, { secret: BETA }] });
  const apiKeys = [{ key: ALPHA, url: simulator.url, models: "gpt-4o, others", provider: "openai" }];
  const folder = new Folder({
    ".env": "OPENAI_API_KEY=sk-proj-unused-0123456789zz\n",
    ".git/HEAD": "ref: refs/heads/main\n",
    "config.json": JSON.stringify({ apiKeys }),
    "more.txt": "0123456789abcdef0123wxyz # who knows\n",
  });
  return { simulator, folder };
}

async function play(terminal: Terminal, steps: readonly Step[]): Promise<void> {
  for (const [question, answer] of steps) {
    await terminal.shows(question);
    answer(terminal);
  }
}

test("from nothing to a served request, and no key ever on the screen", async () => {
  const simulator = Simulator.start({ keys: [{ secret: ALPHA }, { secret: BETA }] });
  using folder = new Folder({ ".git/HEAD": "ref: refs/heads/main\n" });
  const command = `${BINARY} init --url ${simulator.url} --provider openai && ${BINARY} serve --port 0`;
  await using terminal = await Terminal.start(command, { cwd: folder.path });
  await play(terminal, [
    ["Where are your keys?", press("Enter")],
    ["Keys (hidden; several at once)", (shown) => shown.paste(`${ALPHA}\n${BETA}`)],
    ["2 keys", press("Enter")],
    ["That is all: 2 keys", press("Enter")],
    ["Which models", press("Enter")],
    ["Who may use the proxy?", press("Down", "Enter")],
    ["Who is to have a token?", press("Enter")],
    ["to be kept?", press("Enter")],
    ["Next: keycycle serve", () => {}],
  ]);
  const screen = await terminal.shows(/KeyCycle \S+\s+http:\/\/\S+/);
  const url = /KeyCycle \S+\s+(http:\/\/\S+)/.exec(screen)?.[1];
  const token = /^KEYCYCLE_TOKEN_ME=(kc-\S+)$/m.exec(folder.read(".env"))?.[1];
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify(CHAT),
  });
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining("chat.completion")]);
  terminal.press("C-c");
  expect(await terminal.ended()).toBe(0);
  expect(terminal.transcript).not.toMatch(/sk-proj|kc-/);
  expect([folder.mode("keycycle.yaml"), folder.mode(".env")]).toEqual([0o600, 0o600]);
  expect(folder.read(".gitignore")).toBe(".env\n");
  await simulator.stop();
});

test("every question answered, in a narrow window", async () => {
  const { simulator, folder } = scene();
  using _ = folder;
  const command = `${BINARY} init --provider openai`;
  await using terminal = await Terminal.start(command, { cwd: folder.path, columns: 40, rows: 70 });
  await play(terminal, [
    ["Keys in the environment", press("Space", "Enter")],
    ["config.json is a", press("Enter")],
    ["Any more keys?", press("Enter")],
    ["Who may use the proxy?", press("Enter")],
    ["to be kept?", press("Down", "Enter")],
  ]);
  expect(await terminal.ended()).toBe(0);
  expect(terminal.transcript).toMatch(/^…89ab +\S+ +accepted +3 models$/m);
  const tooWide = terminal.transcript.split("\n").filter((line) => Bun.stringWidth(line) > 40);
  expect(tooWide).toEqual([]);
  const yaml = folder.read("keycycle.yaml");
  expect(yaml).toContain(
    `key: ${ALPHA}\n    url: ${simulator.url}\n    provider: openai\n    models: [gpt-4o, others]\n`,
  );
  expect(folder.read(".gitignore")).toBe("keycycle.yaml\n");
  await simulator.stop();
});

describe.each(["C-c", "C-d"])("%s leaves nothing behind", (cancel) => {
  const places = [TRIED, UNKNOWN].flatMap((session) =>
    // A question that is half answered was there before.
    session.steps.flatMap(([question], at) =>
      /^[A-Z]|which|kept/.test(question) ? [{ session, question, at }] : [],
    ),
  );

  test.each(places)("at $question", async ({ session, question, at }) => {
    const { simulator, folder } = scene();
    using _ = folder;
    const env = folder.read(".env");
    const command = `${BINARY} init ${session.flags(simulator)}`;
    await using terminal = await Terminal.start(command, { cwd: folder.path, rows: 80 });
    await play(terminal, session.steps.slice(0, at));
    await terminal.shows(question);
    terminal.press(cancel);
    expect(await terminal.ended()).toBe(1);
    expect(terminal.screen).toContain("Cancelled: nothing was written.");
    expect(folder.has("keycycle.yaml")).toBe(false);
    expect(folder.has(".gitignore")).toBe(false);
    expect(folder.read(".env")).toBe(env);
    await simulator.stop();
  });
});

test("keys that are pasted without a mark are taken all, and one that is pasted at a list chooses nothing", async () => {
  using folder = new Folder();
  await using terminal = await Terminal.start(`${BINARY} init --offline`, { cwd: folder.path });
  await terminal.shows("Where are your keys?");
  terminal.type("sk-proj-hjkl-0123456789jj");
  terminal.press("Enter");
  await terminal.shows("Keys (hidden; several at once)");
  terminal.pasteUnmarked(`${ALPHA}\n${BETA}\n${GONE}\n`);
  await terminal.shows("That is all: 3 keys");
  expect(terminal.transcript).not.toMatch(/sk-proj|0123456789/);
  terminal.press("C-c");
  expect(await terminal.ended()).toBe(1);
});

test("what is typed between two questions is never shown", async () => {
  await using silent = Bun.serve({ port: 0, fetch: () => new Promise<Response>(() => {}) });
  using folder = new Folder();
  const pty = new Pty(`${BINARY} init --key-env K --url ${silent.url.origin}`, folder.path, { K: ALPHA });
  await pty.shows("Asking the providers");
  pty.type("typed-meanwhile");
  pty.type("\u0004");
  await pty.shows("Cancelled: nothing was written.");
  expect(await pty.child.exited).toBe(1);
  expect(pty.shown).not.toContain("typed-meanwhile");
});

describe("Ctrl-C leaves nothing behind", () => {
  test("while the providers are asked", async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    await using silent = Bun.serve({
      port: 0,
      fetch: () => {
        resolve();
        return new Promise<Response>(() => {});
      },
    });
    using folder = new Folder({ ".env": "OPENAI_API_KEY=sk-proj-0123456789abcdef\n" });
    const command = `${BINARY} init --key-env OPENAI_API_KEY --url ${silent.url.origin}`;
    await using terminal = await Terminal.start(command, { cwd: folder.path });
    await asked;
    expect(await terminal.shows("Asking the providers, for free: 0 of 1")).not.toContain("sk-proj");
    terminal.press("C-c");
    expect(await terminal.ended()).toBe(1);
    expect(terminal.screen).toContain("Cancelled: nothing was written.");
    expect(folder.has("keycycle.yaml")).toBe(false);
  });
});

test("the difference from what is there fits into a narrow window, broken between words", async () => {
  using folder = new Folder({ "keycycle.yaml": "# mine\n", ".env": `OPENAI_API_KEY=${ALPHA}\n` });
  const command = `${BINARY} init --offline --yes --replace`;
  await using terminal = await Terminal.start(command, { cwd: folder.path, columns: 40, rows: 90 });
  expect(await terminal.ended()).toBe(0);
  const lines = terminal.transcript.split("\n");
  expect(lines.filter((line) => Bun.stringWidth(line) > 40)).toEqual([]);
  expect(lines.some((line) => /^\+ # KeyCycle's configuration. A running$/.test(line))).toBe(true);
});

describe("a configuration that is there", () => {
  const before = `# mine
apiKeys:
  - key: sk-old-0123456789abcdef # not hunter2hunter20123456789
    url: https://api.openai.com
    proxy: http://user:proxypassw0rd@10.0.0.1:8080
`;
  const command = `${BINARY} init --offline --key-env OPENAI_API_KEY --models gpt-4o --client me --store env`;

  test.each([
    { answer: ["Enter"], code: 1, kept: true },
    { answer: ["Left", "Enter"], code: 0, kept: false },
  ])("is shown against the new one, and $answer decides", async ({ answer, code, kept }) => {
    using folder = new Folder({
      "keycycle.yaml": before,
      ".env": "OPENAI_API_KEY=sk-proj-0123456789abcdef\n",
    });
    await using terminal = await Terminal.start(command, { cwd: folder.path });
    await terminal.shows("Replace keycycle.yaml?");
    expect(terminal.transcript).toContain("- # mine");
    expect(terminal.transcript).toContain("-   - key: …cdef");
    expect(terminal.transcript).toContain("+   - key: ${OPENAI_API_KEY}");
    expect(terminal.transcript).not.toMatch(/0123456789|passw0rd/);
    terminal.press(...answer);
    expect(await terminal.ended()).toBe(code);
    expect(folder.read("keycycle.yaml") === before).toBe(kept);
  });
});

test("models of any language are offered and written, and what no configuration can name is not", async () => {
  const listed = ["wide-😀-model", "日本語-モデル-大", "gpt\u200B-4o", "a,b", "x\u001B[31m"];
  await using server = Bun.serve({
    port: 0,
    fetch: () => Response.json({ object: "list", data: listed.map((id) => ({ id, object: "model" })) }),
  });
  using folder = new Folder();
  const command = `${BINARY} init --url ${server.url.origin} --key-env K`;
  await using terminal = await Terminal.start(command, { cwd: folder.path, env: { K: ALPHA }, rows: 60 });
  await play(terminal, [
    ["Which models are the keys of", press("Down", "Enter")],
    ["Models of", press("Space", "Down", "Space", "Enter")],
    ["Who may use the proxy?", press("Enter")],
  ]);
  expect(await terminal.ended()).toBe(0);
  expect(terminal.transcript).toContain("3 of the models that");
  expect(folder.read("keycycle.yaml")).toContain('models: ["wide-😀-model", "日本語-モデル-大"]');
  expect((await folder.run(["check"], { env: { K: ALPHA } })).code).toBe(0);
});

test("a file that makes no good configuration is told when it is imported, and the other answers stay", async () => {
  using folder = new Folder({
    "mine.json": JSON.stringify({ apiKeys: [{ key: BETA, url: "https://x.example", models: "a\u200Bb" }] }),
    "config.json/x": "a folder that is called so",
  });
  await using terminal = await Terminal.start(`${BINARY} init --offline`, { cwd: folder.path, rows: 60 });
  await play(terminal, [
    ["Where are your keys?", press("Enter")],
    ["Keys (hidden", (shown) => shown.paste(ALPHA)],
    ["1 key, 26 characters", press("Enter")],
    ["Any more keys?", press("Down", "Down", "Enter")],
    ["Which file?", (shown) => shown.type("config.json")],
    ["config.json", press("Enter")],
    ["It is a directory, not a file", press("C-u")],
    ["Which file?", (shown) => shown.type("mine.json")],
    ["mine.json", press("Enter")],
    ["apiKeys[0].models[0] holds a character that cannot be seen", press("Enter")],
    ["Which models", press("Enter")],
    ["Who may use", press("Enter")],
    ["to be kept?", press("Enter")],
  ]);
  expect(await terminal.ended()).toBe(0);
  expect(folder.read(".env")).toContain(ALPHA);
  expect(folder.read("keycycle.yaml")).not.toContain("x.example");
});

test("keys that nothing tells the provider of are asked for one by one", async () => {
  using folder = new Folder();
  await using terminal = await Terminal.start(`${BINARY} init --offline`, { cwd: folder.path, rows: 60 });
  const keys = [1, 2, 3, 4].map((number) => `{"key": "0123456789abcdef000${number}"},`);
  await play(terminal, [
    ["Where are your keys?", press("Enter")],
    ["Keys (hidden", (shown) => shown.paste(keys.join("\n"))],
    ["4 keys", press("Enter")],
    ["Whose key is …0001? (1 of 4)", press("Enter")],
    ["Whose key is …0002? (2 of 4)", press("Down", "Down", "Enter")],
    ["Whose key is …0003? (3 of 4)", press("Enter")],
    ["That is all: 4 keys", press("Enter")],
    ["Which models are the keys of", press("Enter")],
    ["Which models are the keys of Anthropic", press("Enter")],
    ["Who may use", press("Enter")],
    ["to be kept?", press("Enter")],
  ]);
  expect(await terminal.ended()).toBe(0);
  expect(folder.read(".env")).toEndWith(
    "OPENAI_API_KEY=0123456789abcdef0001\nANTHROPIC_API_KEY=0123456789abcdef0002\nANTHROPIC_API_KEY_2=0123456789abcdef0003\nANTHROPIC_API_KEY_3=0123456789abcdef0004\n",
  );
});

test("a terminal that is dumb is told why it is asked nothing", async () => {
  using folder = new Folder();
  const pty = new Pty(`${BINARY} init`, folder.path, { TERM: "dumb" });
  await pty.shows("TERM=dumb says");
  await pty.shows("There are no keys to write");
  expect(await pty.child.exited).toBe(2);
});

test("who has no key yet gets a file to fill in", async () => {
  using folder = new Folder();
  await using terminal = await Terminal.start(`${BINARY} init`, { cwd: folder.path });
  await play(terminal, [["Where are your keys?", press("Up", "Enter")]]);
  expect(await terminal.ended()).toBe(0);
  expect(terminal.screen).toContain("Then: keycycle check");
  expect(folder.read("keycycle.yaml")).toContain("# Everything that a key can have.");
});

test.each([
  {
    session: TRIED,
    models: "[gpt-4o]",
    writes: ["keycycle.yaml", ".env (OPENAI_API_KEY_2, OPENAI_API_KEY_3, KEYCYCLE_TOKEN_ME)", ".gitignore"],
  },
  { session: UNKNOWN, models: "[llama-*]", writes: ["keycycle.yaml", ".gitignore"] },
])("a whole session writes what was answered: models $models", async ({ session, models, writes }) => {
  const { simulator, folder } = scene();
  using _ = folder;
  const command = `${BINARY} init ${session.flags(simulator)}`;
  await using terminal = await Terminal.start(command, { cwd: folder.path, rows: 80 });
  await play(terminal, session.steps);
  expect(await terminal.ended()).toBe(0);
  expect(terminal.transcript).toContain(`Wrote ${writes.join(", ")}`);
  expect(terminal.transcript).not.toMatch(/0123456789/);
  expect(folder.read("keycycle.yaml")).toContain(`    models: ${models}\n`);
  expect(folder.read("keycycle.yaml")).not.toContain("unused");
  expect((await folder.run(["check"])).code).toBe(0);
  await simulator.stop();
});
