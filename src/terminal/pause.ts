/** The time between two looks of a command that goes on until Ctrl-C, or until nobody reads it any more. */
export class Pause {
  #wake = () => {};
  #stopped = false;

  constructor() {
    const stop = () => {
      this.#stopped = true;
      this.#wake();
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
    // `| head` has seen enough.
    process.stdout.on("error", stop);
  }

  /** Ends the wait. */
  cutShort(): void {
    this.#wake();
  }

  /** @returns whether it is to go on */
  async wait(ms: number): Promise<boolean> {
    if (this.#stopped) return false;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, ms);
    await promise;
    clearTimeout(timer);
    return !this.#stopped;
  }
}
