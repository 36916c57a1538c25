import * as clack from "@clack/prompts";

import { KeyCycleError } from "../error.ts";
import { askSecret, type SecretQuestion } from "./secret-prompt.ts";

/** A question was answered with Ctrl-C or Escape. */
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

/** More choices than this are searched by typing. */
const MAX_WITHOUT_SEARCH = 12;

/** Whether questions can be asked: they need a terminal on both sides that can move its cursor. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY && process.env["TERM"] !== "dumb";
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
  return given(
    await clack.text({
      message,
      validate: (text) => validate(text?.trim() ?? ""),
      ...(initial === undefined ? {} : { initialValue: initial }),
      ...(placeholder === undefined ? {} : { placeholder }),
    }),
  ).trim();
}

export async function askHidden(question: SecretQuestion): Promise<string> {
  return given(await askSecret(question));
}

export async function askYes(message: string, initial: boolean): Promise<boolean> {
  return given(await clack.confirm({ message, initialValue: initial }));
}

export async function askOne<T>(message: string, choices: readonly Choice<T>[]): Promise<T> {
  const answer = given(await clack.select({ message, options: indexed(choices) }));
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
  const answer =
    choices.length > MAX_WITHOUT_SEARCH
      ? await clack.autocompleteMultiselect({ ...shared, initialValues, maxItems: MAX_WITHOUT_SEARCH })
      : await clack.multiselect({ ...shared, initialValues });
  return given(answer).map((at) => picked(choices, at));
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

function given<T>(answer: T | Cancel): T {
  if (clack.isCancel(answer)) throw new Cancelled();
  return answer;
}
