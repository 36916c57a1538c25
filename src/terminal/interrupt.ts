import { consola } from "consola";

/** Ctrl-C and Ctrl-D as a terminal sends them that leaves all keys to the program. */
const CANCELLING = ["\u0003", "\u0004"];

/** The cursor, which questions hide, and pastes without a mark. */
const AS_IT_WAS = "\u001B[?25h\u001B[?2004l";

/**
 * Until it is disposed of, Ctrl-C ends the program at once and says that nothing was written, also between
 * two questions and while something is waited for.
 *
 * @param asks  whether there are questions: then nothing that is typed is shown but by them, as it may be a
 *              key that is meant for the next
 */
export function cancelOnInterrupt(asks: boolean): Disposable {
  process.on("SIGINT", cancel);
  const giveBack = asks ? holdTerminal() : () => {};
  return {
    [Symbol.dispose]() {
      process.off("SIGINT", cancel);
      giveBack();
    },
  };
}

/** Ends the program, which has written nothing. */
export function cancel(): never {
  // Below the line that shows how far something is.
  console.error("");
  consola.error("Cancelled: nothing was written.");
  process.exit(1);
}

/**
 * Keeps the terminal from showing what is typed, which it would between two questions: each gives it back.
 *
 * @returns gives it back
 */
function holdTerminal(): () => void {
  const { stdin } = process;
  const setRawMode = stdin.setRawMode.bind(stdin);
  const look = (typed: Buffer | string) => {
    if (!CANCELLING.some((key) => typed.includes(key))) return;
    release();
    cancel();
  };
  const goOn = () => stdin.resume();
  const release = () => {
    if (stdin.setRawMode === setRawMode) return;
    stdin.off("data", look).off("pause", goOn).off("end", cancel).off("error", cancel);
    stdin.setRawMode = setRawMode;
    setRawMode(false);
    stdin.pause();
    process.stdout.write(AS_IT_WAS);
  };
  setRawMode(true);
  stdin.setRawMode = () => stdin;
  stdin.on("data", look).on("pause", goOn).on("end", cancel).on("error", cancel).resume();
  return release;
}
