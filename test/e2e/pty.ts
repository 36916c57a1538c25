/** A pseudo-terminal whose every byte is kept, also what is wiped off the screen again: no more than that, as `Terminal` has it. */
export class Pty {
  readonly child: Bun.Subprocess;
  shown = "";
  #look = () => {};

  /** @param command  as a shell has it */
  constructor(command: string, cwd: string, env: Record<string, string> = {}) {
    this.child = Bun.spawn(["sh", "-c", command], {
      cwd,
      env: { PATH: process.env["PATH"], HOME: cwd, TERM: "xterm-256color", ...env },
      terminal: {
        cols: 80,
        rows: 24,
        data: (_, chunk) => {
          this.shown += new TextDecoder().decode(chunk);
          this.#look();
        },
      },
    });
  }

  async shows(what: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#look = () => {
      if (this.shown.includes(what)) resolve();
    };
    this.#look();
    await promise;
  }

  type(text: string): void {
    this.child.terminal?.write(text);
  }

  /** As when its window is closed. */
  close(): void {
    this.child.terminal?.close();
  }
}
