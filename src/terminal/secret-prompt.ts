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

/** What clack is told was pressed, that it draws; `return` also sends off. */
type Pressed = "redraw" | "return";

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
  readonly #question: SecretQuestion;
  /** As described when last counted: clack draws at each character, and a paste has thousands. */
  #amount = "";
  /** Set while characters have come that are not counted. */
  #counting: ReturnType<typeof setImmediate> | undefined;
  #pasting = false;
  /** Set while it is waited for what may follow a line break. */
  #lineBreak: ReturnType<typeof setTimeout> | undefined;
  #pressing: Pressed | undefined;

  constructor(question: SecretQuestion) {
    super(
      {
        ...question,
        validate: (text = "") => question.validate(text),
        render: () => this.#frame(),
      },
      false,
    );
    this.#question = question;
    this.on("finalize", () => {
      clearTimeout(this.#lineBreak);
      this.#count();
    });
    this.on("value", () => {
      this.#counting ??= setImmediate(() => {
        this.#count();
        this.#press("redraw");
      });
    });
    this.on("key", (character, { name, ctrl }) => {
      if (this.#pressing !== undefined) return;
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
    return this.#pressing === "return";
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
    // Were it drawn later, that would take away what is wrong with the answer.
    this.#count();
    this.#press("return");
  }

  #press(name: Pressed): void {
    const sequence = name === "return" ? "\r" : undefined;
    this.#pressing = name;
    this.input.emit("keypress", sequence, { name, sequence, ctrl: false, meta: false, shift: false });
    this.#pressing = undefined;
  }

  #count(): void {
    if (this.#counting === undefined) return;
    clearImmediate(this.#counting);
    this.#counting = undefined;
    const text = this.value ?? "";
    this.#amount = text === "" ? "" : this.#question.describe(text);
  }

  #frame(): string {
    const head = `${styleText("gray", S_BAR)}\n${symbol(this.state)}  ${this.#question.message}\n`;
    switch (this.state) {
      case "submit":
      case "cancel":
        return `${head}${styleText("gray", S_BAR)}  ${styleText("dim", this.#amount)}`;
      case "error": {
        const end = `${styleText("yellow", S_BAR_END)}  ${styleText("yellow", this.error)}`;
        return `${head}${styleText("yellow", S_BAR)}  ${this.#amount}\n${end}\n`;
      }
      default:
        return `${head}${styleText("cyan", S_BAR)}  ${this.#amount}\n${styleText("cyan", S_BAR_END)}\n`;
    }
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
