import { describe, expect, test } from "bun:test";
import { dirname } from "node:path";

import { BINARY } from "./binary.ts";
import { Folder } from "./folder.ts";
import { Terminal } from "./terminal.ts";

const YAML = `apiKeys:
  - { name: work-openai, key: k1, url: https://api.openai.com }
  - { name: work-groq, key: k2, url: https://api.groq.com/openai }
`;

const PATH = `${dirname(BINARY)}:${process.env["PATH"]}`;

/** What is typed of a word, the whole, and what stands before it. */
type Begun = readonly [typed: string, whole: string, before?: string];

const BEGUN: readonly Begun[] = [
  ["a", String.raw`a\ b:c`],
  [String.raw`a\ b`, String.raw`a\ b:c`],
  [String.raw`a\ b:`, String.raw`a\ b:c`],
  ['"a b', '"a b:c"'],
  ["'a b:", "'a b:c'"],
  ["team:", "team:one"],
  ["b", String.raw`b:d\'s`, String.raw`--config my\ file.yaml`],
  ['"b:', `"b:d's"`, String.raw`--config=my\ file.yaml`],
  ['"b:', `"b:d's"`, "--config='my file.yaml'"],
  ["--config=my", String.raw`--config=my\ file.yaml`],
  [String.raw`--config=my\ f`, String.raw`--config=my\ file.yaml`],
];

/** How each shell is started with its completions, and nothing of the machine's own settings. */
const SHELLS = [
  {
    shell: "bash",
    start: "exec bash --noprofile --rcfile rc -i",
    rc: "PS1='> '\nsource <(keycycle completions bash)\n",
  },
  {
    shell: "zsh",
    start: "exec env ZDOTDIR=$PWD zsh -i",
    rc: "PS1='> '\nautoload -U compinit && compinit -u\nsource <(keycycle completions zsh)\n",
  },
  {
    shell: "fish",
    start: "exec fish -N -C 'source rc'",
    rc: "function fish_prompt; echo '> '; end\nset -g fish_greeting\nset -g fish_autosuggestion_enabled 0\nkeycycle completions fish | source\n",
  },
];

describe.each(SHELLS)("in a real $shell", ({ start, rc }) => {
  async function opened(folder: Folder): Promise<Terminal> {
    folder.write("rc", rc);
    folder.write(".zshrc", rc);
    const terminal = await Terminal.start(start, { cwd: folder.path, env: { PATH } });
    await terminal.shows(/^> ?$/m);
    return terminal;
  }

  test("Tab completes commands, flags, their values, names of keys and files", async () => {
    using folder = new Folder({
      "keycycle.yaml": YAML,
      "other-config.yaml": YAML.replaceAll("work", "home"),
    });
    await using terminal = await opened(folder);
    const completes = async (typed: string, whole: string) => {
      terminal.type(typed);
      terminal.press("Tab");
      await terminal.shows(whole);
      terminal.press("C-u", "C-l");
      await terminal.shows(/^\s*>\s*$/);
    };
    await completes("keycycle vers", "keycycle version");
    await completes("keycycle ke", "keycycle keys");
    await completes("keycycle keys rem", "keycycle keys remove");
    await completes("keycycle check --l", "keycycle check --live");
    await completes("keycycle serve --log-level deb", "keycycle serve --log-level debug");
    await completes("keycycle keys remove work-g", "keycycle keys remove work-groq");
    await completes("keycycle keys remove --config other-config.yaml home-o", "home-openai");
    await completes("keycycle serve --config oth", "keycycle serve --config other-config.yaml");
    await completes("keycycle completions power", "keycycle completions powershell");
  });

  test.each(BEGUN)(
    "names that hold blanks, colons and quotes are one word: %s",
    async (typed, whole, before = "") => {
      using folder = new Folder({
        "keycycle.yaml": YAML.replace("work-openai", '"a b:c"').replace("work-groq", '"team:one"'),
        "my file.yaml": YAML.replace("work-openai", `"b:d's"`),
      });
      await using terminal = await opened(folder);
      terminal.type(`keycycle keys remove ${before} ${typed}`);
      terminal.press("Tab");
      await terminal.shows(`keycycle keys remove ${before} ${whole}`);
    },
  );

  test("two Tabs list what there is", async () => {
    using folder = new Folder({ "keycycle.yaml": YAML.replace("work-groq", "groq") });
    await using terminal = await opened(folder);
    terminal.type("keycycle keys remove ");
    terminal.press("Tab", "Tab");
    await terminal.shows(/\bgroq\b/);
    await terminal.shows("work-openai");
    // Behind a name that has no description, nothing stands for one.
    expect(terminal.screen.split("\n").filter((line) => /--/.test(line))).toEqual([]);
  });
});

test.each([
  ["tcsh", 'for bash, zsh, fish, powershell, not for "tcsh".'],
  ["bsh", 'not for "bsh". Did you mean "bash"?'],
  ["powershel", 'Did you mean "powershell"?'],
])("a shell that there is none for is refused: %s", async (shell, says) => {
  using folder = new Folder();
  const { code, output } = await folder.run(["completions", shell]);
  expect(output).toContain(says);
  expect(code).toBe(2);
});
