import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How long anything may take to show before the test is given up, with the screen in its error. */
const PATIENCE_MS = 15_000;

const SETTINGS = ["set -g remain-on-exit on", "set -g escape-time 0", "set -g history-limit 5000"];

export interface TerminalOptions {
  readonly cwd: string;
  readonly env?: Record<string, string>;
  readonly columns?: number;
  readonly rows?: number;
}

/**
 * A real pseudo-terminal with a program in it: tmux, driven by keys and read by its screen. What is waited
 * for is tmux's word that something was written.
 */
export class Terminal implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "keycycle-tmux-"));
  readonly #socket = join(this.#folder, "socket");
  readonly #status = join(this.#folder, "status");
  readonly #waiting = new Set<() => void>();
  #control: Bun.Subprocess<"pipe", "pipe", "ignore"> | undefined;

  /** @param command  as a shell has it */
  static async start(command: string, options: TerminalOptions): Promise<Terminal> {
    const terminal = new Terminal();
    const { cwd, env = {}, columns = 100, rows = 40 } = options;
    const variables = {
      PATH: process.env["PATH"] ?? "",
      HOME: cwd,
      LANG: "C.UTF-8",
      TERM: "xterm-256color",
      ...env,
    };
    const assigned = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    const settings = join(terminal.#folder, "tmux.conf");
    writeFileSync(settings, `${SETTINGS.join("\n")}\n`);
    // The end of a program is no news to a control client, so the shell around it tells. Ctrl-C is the program's.
    const tell = `tmux -S ${terminal.#socket} wait-for -S ended`;
    const script = `trap : INT; ${command}; echo $? >${terminal.#status}; ${tell}`;
    const program = ["env", "-i", ...assigned, "sh", "-c", script];
    const size = ["-x", String(columns), "-y", String(rows)];
    terminal.#tmux("-f", settings, "new-session", "-d", ...size, "-c", cwd, ...program);
    // Else it takes the size of what attaches. tmux 3.3 crashes where it is to make a session with this.
    terminal.#tmux("set", "-g", "window-size", "manual");
    terminal.#control = Bun.spawn(["tmux", "-S", terminal.#socket, "-C", "attach"], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "ignore",
    });
    void terminal.#listen(terminal.#control.stdout);
    return terminal;
  }

  /** What is on the screen, each line without the blanks at its end. */
  get screen(): string {
    return this.#tmux("capture-pane", "-p", "-J").trimEnd();
  }

  /** With what has scrolled off it. */
  get transcript(): string {
    return this.#tmux("capture-pane", "-p", "-J", "-S", "-").trimEnd();
  }

  /** With colours as escape sequences. */
  get coloured(): string {
    return this.#tmux("capture-pane", "-p", "-e");
  }

  type(text: string): void {
    this.#tmux("send-keys", "-l", "--", text);
  }

  /** As tmux names it: `Enter`, `Down`, `C-c`, `Tab`. */
  press(...keys: string[]): void {
    this.#tmux("send-keys", ...keys);
  }

  /** As from the clipboard, marked as pasted where the program asked for that. */
  paste(text: string): void {
    this.#tmux("set-buffer", "--", text, ";", "paste-buffer", "-p", "-d");
  }

  /** As from the clipboard of a terminal that marks nothing: as if it were typed at once. */
  pasteUnmarked(text: string): void {
    this.#tmux("set-buffer", "--", text, ";", "paste-buffer", "-d");
  }

  resize(columns: number, rows: number): void {
    this.#tmux("resize-window", "-x", String(columns), "-y", String(rows));
  }

  /** Waits until the screen shows it. */
  async shows(what: string | RegExp): Promise<string> {
    return await this.#until(() => {
      const { screen } = this;
      return (typeof what === "string" ? screen.includes(what) : what.test(screen)) ? screen : undefined;
    }, String(what));
  }

  /**
   * Waits until the program has ended.
   *
   * @returns its exit code
   */
  async ended(): Promise<number> {
    const waiting = Bun.spawn(["tmux", "-S", this.#socket, "wait-for", "ended"], { timeout: PATIENCE_MS });
    if ((await waiting.exited) !== 0)
      throw new Error(`waited in vain for its end; the screen shows:\n${this.screen}`);
    return Number(readFileSync(this.#status, "utf8"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    Bun.spawnSync(["tmux", "-S", this.#socket, "kill-server"], { stdout: "ignore", stderr: "ignore" });
    await this.#control?.exited;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #until<T>(found: () => T | undefined, what: string): Promise<T> {
    const late = Date.now() + PATIENCE_MS;
    for (;;) {
      const { promise, resolve } = Promise.withResolvers<void>();
      // Before the look, so that nothing that comes meanwhile is missed.
      this.#waiting.add(resolve);
      const value = found();
      if (value !== undefined) return value;
      const timer = setTimeout(resolve, Math.max(0, late - Date.now()));
      await promise;
      clearTimeout(timer);
      if (Date.now() >= late)
        throw new Error(`waited in vain for ${what}; the screen shows:\n${this.screen}`);
    }
  }

  async #listen(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const _ of stream) {
      for (const wake of this.#waiting) wake();
      this.#waiting.clear();
    }
  }

  #tmux(...args: string[]): string {
    const { success, stdout, stderr } = Bun.spawnSync(["tmux", "-S", this.#socket, ...args]);
    if (!success) throw new Error(`tmux ${args[0]}: ${stderr.toString()}`);
    return stdout.toString();
  }
}
