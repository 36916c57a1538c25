import * as clack from "@clack/prompts";

import { KeyCycleError } from "../error.ts";
import { cancel } from "./interrupt.ts";
import { askSecret, type SecretQuestion } from "./secret-prompt.ts";

/** A question was answered with Ctrl-C, Ctrl-D or Escape, or its terminal is gone. */
export class Cancelled extends KeyCycleError {
  constructor() {
    super("cancelled", "Cancelled: nothing was written.");
  }
}

/** One of several answers. */
export interface Choice<T> {
  readonly value: T;
  readonly label: string;
  readonly hint?: string;
}

// readline takes Ctrl-D for the end of the input and gives the terminal back, unless the question ends too.
clack.updateSettings({ aliases: { "\u0004": "cancel" } });
// A key that is pasted at a list is not to move through it, as vi's keys do.
for (const letter of ["h", "j", "k", "l"]) clack.settings.aliases.delete(letter);

/** More choices than this are searched by typing. */
const MAX_WITHOUT_SEARCH = 12;

/** Whether questions can be asked: they need a terminal on both sides that can move its cursor. */
export function canAsk(): boolean {
  return isOnTerminal() && process.env["TERM"] !== "dumb";
}

/** Why somebody at a terminal is asked nothing; undefined where nobody is at one, or can be asked. */
export function whyNotAsked(): string | undefined {
  return isOnTerminal() && !canAsk()
    ? "TERM=dumb says that this terminal cannot move its cursor, so nothing is asked."
    : undefined;
}

function isOnTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

/** @param validate  returns what is wrong with the answer */
export async function askText(
  message: string,
  options: {
    readonly initial?: string;
    readonly placeholder?: string;
    readonly validate: (text: string) => string | undefined;
  },
): Promise<string> {
  const { initial, placeholder, validate } = options;
  const answer = await given(() =>
    clack.text({
      message,
      validate: (text) => validate(text?.trim() ?? ""),
      ...(initial === undefined ? {} : { initialValue: initial }),
      ...(placeholder === undefined ? {} : { placeholder }),
    }),
  );
  return answer.trim();
}

export async function askHidden(question: SecretQuestion): Promise<string> {
  return await given(() => askSecret(question));
}

export async function askYes(message: string, initial: boolean): Promise<boolean> {
  return await given(() => clack.confirm({ message, initialValue: initial }));
}

export async function askOne<T>(message: string, choices: readonly Choice<T>[]): Promise<T> {
  const answer = await given(() => clack.select({ message, options: indexed(choices) }));
  return picked(choices, answer);
}

/** @param initial  what is chosen to begin with */
export async function askMany<T>(
  message: string,
  choices: readonly Choice<T>[],
  options: { readonly initial: readonly T[]; readonly required: boolean },
): Promise<T[]> {
  const shared = { message, options: indexed(choices), required: options.required };
  const initialValues = [...choices.keys()].filter((at) => options.initial.includes(picked(choices, at)));
  const answer = await given(() =>
    choices.length > MAX_WITHOUT_SEARCH
      ? clack.autocompleteMultiselect({ ...shared, initialValues, maxItems: MAX_WITHOUT_SEARCH })
      : clack.multiselect({ ...shared, initialValues }),
  );
  return answer.map((at) => picked(choices, at));
}

/** clack's types for choices depend on what their values are; as positions they are all numbers. */
function indexed(choices: readonly Choice<unknown>[]): { value: number; label: string; hint?: string }[] {
  return choices.map(({ label, hint }, value) =>
    hint === undefined ? { value, label } : { value, label, hint },
  );
}

function picked<T>(choices: readonly Choice<T>[], at: number): T {
  const choice = choices[at];
  if (choice === undefined) throw new Error("an answer that is none of the choices");
  return choice.value;
}

type Cancel = Extract<Awaited<ReturnType<typeof clack.text>>, symbol>;

/** Asks, and waits for the answer; ends the program where the terminal goes away, since nobody can be asked any more. */
async function given<T>(ask: () => Promise<T | Cancel>): Promise<T> {
  const { stdin } = process;
  stdin.on("end", cancel).on("error", cancel);
  try {
    const answer = await ask();
    if (clack.isCancel(answer)) throw new Cancelled();
    return answer;
  } finally {
    stdin.off("end", cancel).off("error", cancel);
  }
}
