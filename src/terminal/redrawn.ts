import { Pause } from "./pause.ts";

const ENTER = "\u001B[?1049h\u001B[?25l";
const LEAVE = "\u001B[?25h\u001B[?1049l";
const HOME = "\u001B[H";
const CLEAR_LINE = "\u001B[K";
const CLEAR_BELOW = "\u001B[J";

/**
 * Lines that are shown again and again in the same place until Ctrl-C: on a screen of their own, so that
 * what was there before comes back. Where there is no terminal each follows the one before.
 */
export class Redrawn {
  readonly #inPlace: boolean;
  readonly #pause = new Pause();
  #lines: readonly string[] = [];

  /** @param plain  never in place, as for programs */
  constructor(plain: boolean) {
    this.#inPlace = !plain && process.stdout.isTTY && process.env["TERM"] !== "dumb";
    if (!this.#inPlace) return;
    process.stdout.write(ENTER);
    process.stdout.on("resize", () => this.#pause.cutShort());
  }

  draw(lines: readonly string[]): void {
    this.#lines = lines;
    if (!this.#inPlace) {
      process.stdout.write(`${lines.join("\n")}\n`);
      return;
    }
    const { rows } = process.stdout;
    const fitting =
      lines.length <= rows
        ? lines
        : [...lines.slice(0, rows - 1), `and ${lines.length - rows + 1} more lines`];
    process.stdout.write(HOME + fitting.map((line) => line + CLEAR_LINE).join("\r\n") + CLEAR_BELOW);
  }

  /**
   * Waits until it is time to draw again: so long, or until the window has another size.
   *
   * @returns whether it is to go on
   */
  async wait(ms: number): Promise<boolean> {
    return await this.#pause.wait(ms);
  }

  /** What was drawn last stays behind. */
  end(): void {
    if (this.#inPlace) process.stdout.write(`${LEAVE}${this.#lines.join("\n")}\n`);
  }
}
