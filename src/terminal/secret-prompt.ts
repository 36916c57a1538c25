import { Prompt } from "@clack/core";
import { S_BAR, S_BAR_END, symbol } from "@clack/prompts";
import { styleText } from "node:util";

type PromptSettings = ConstructorParameters<typeof Prompt<string>>[0];
type Cancel = Extract<Awaited<ReturnType<Prompt<string>["prompt"]>>, symbol>;
type Streams = Pick<PromptSettings, "input" | "output">;

/** Asks terminals to mark what is pasted, so that a line break in it does not send it off. */
const MARK_PASTES = "\u001B[?2004h";
const LEAVE_PASTES = "\u001B[?2004l";

/**
 * A line break that more follows within this time belongs to a paste, which terminals that cannot mark one
 * send as if it were typed.
 */
const PASTE_GAP_MS = 100;

export interface SecretQuestion extends Streams {
  readonly message: string;
  /** What the text amounts to, shown while it is typed instead of the text: `2 keys`. */
  readonly describe: (text: string) => string;
  /** @returns what is wrong with the text; never a part of it */
  readonly validate: (text: string) => string | undefined;
}

/**
 * Asks for a text that nobody is to read over the shoulder. Several lines may be pasted at once. Neither
 * consola nor clack has it: consola shows what is typed, and clack's password ends with the first line.
 */
class SecretPrompt extends Prompt<string> {
  #pasting = false;
  /** Set while it is waited for what may follow a line break. */
  #lineBreak: ReturnType<typeof setTimeout> | undefined;
  #sendsOff = false;

  constructor({ message, describe, validate, ...streams }: SecretQuestion) {
    super(
      {
        ...streams,
        validate: (text = "") => validate(text),
        render() {
          const head = `${styleText("gray", S_BAR)}\n${symbol(this.state)}  ${message}\n`;
          const text = this.value ?? "";
          const amount = text === "" ? "" : describe(text);
          switch (this.state) {
            case "submit":
            case "cancel":
              return `${head}${styleText("gray", S_BAR)}  ${styleText("dim", amount)}`;
            case "error": {
              const end = `${styleText("yellow", S_BAR_END)}  ${styleText("yellow", this.error)}`;
              return `${head}${styleText("yellow", S_BAR)}  ${amount}\n${end}\n`;
            }
            default:
              return `${head}${styleText("cyan", S_BAR)}  ${amount}\n${styleText("cyan", S_BAR_END)}\n`;
          }
        },
      },
      false,
    );
    this.on("finalize", () => clearTimeout(this.#lineBreak));
    this.on("key", (character, { name, ctrl }) => {
      if (this.#sendsOff) return;
      const isBreak = name === "return" || name === "enter";
      const text = `${this.value ?? ""}${this.#takeLineBreak()}`;
      if (name === "paste-start" || name === "paste-end") this.#pasting = name === "paste-start";
      if (isBreak && this.#pasting) this._setValue(`${text}\n`);
      else if (isBreak) {
        this._setValue(text);
        this.#lineBreak = setTimeout(() => this.#sendOff(), PASTE_GAP_MS);
      } else if (name === "backspace") this._setValue(Array.from(text).slice(0, -1).join(""));
      else if (ctrl === true && name === "u") this._setValue("");
      else if (character !== undefined && !isControl(character)) this._setValue(text + character);
      else this._setValue(text);
    });
  }

  protected override _shouldSubmit(): boolean {
    return this.#sendsOff;
  }

  /** @returns the line break that was no end, as more has come */
  #takeLineBreak(): string {
    if (this.#lineBreak === undefined) return "";
    clearTimeout(this.#lineBreak);
    this.#lineBreak = undefined;
    return "\n";
  }

  #sendOff(): void {
    this.#lineBreak = undefined;
    this.#sendsOff = true;
    this.input.emit("keypress", "\r", {
      name: "return",
      sequence: "\r",
      ctrl: false,
      meta: false,
      shift: false,
    });
    this.#sendsOff = false;
  }
}

function isControl(character: string): boolean {
  return (character.codePointAt(0) ?? 0) < 0x20 && character !== "\t";
}

/** @returns the text, or clack's sign for a question that was cancelled */
export async function askSecret(question: SecretQuestion): Promise<string | Cancel> {
  const output = question.output ?? process.stdout;
  output.write(MARK_PASTES);
  try {
    return (await new SecretPrompt(question).prompt()) ?? "";
  } finally {
    output.write(LEAVE_PASTES);
  }
}
