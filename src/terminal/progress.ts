/** A line at the end of what is shown that says how far something is; nothing where there is no terminal. */
export interface Progress {
  step(): void;
  /** Takes the line away. */
  end(): void;
}

/** @param text  what goes on; the count stands behind it */
export function progress(text: string, total: number): Progress {
  const { stderr } = process;
  let done = 0;
  const draw = () => stderr.write(`\r\u001B[K${text}: ${done} of ${total}`);
  if (!stderr.isTTY || process.env["TERM"] === "dumb") return { step: () => {}, end: () => {} };
  draw();
  return {
    step() {
      done += 1;
      draw();
    },
    end: () => stderr.write("\r\u001B[K"),
  };
}
