import { consola } from "consola";

import { judgeEdit } from "../../config/edit/judge-edit.ts";
import type { EditOptions } from "../../config/edit/remove-key.ts";
import type { Diagnostic } from "../../config/diagnostic.ts";
import { renderDiagnostics } from "../../config/invalid-config.ts";
import { isReadableByOthers, tellReadable } from "../../config/files.ts";
import { type NewText, replaceFiles } from "../../config/replace-file.ts";
import { KeyCycleError } from "../../error.ts";
import type { EditableConfig } from "./editable-config.ts";
import { takeOver } from "./take-over.ts";

/** An edit of a configuration that is ready to be written. */
export interface Edit {
  /** To be written together. */
  readonly files: readonly NewText[];
  /** Of the configuration, without a byte order mark. */
  readonly text: string;
  /** With what the new text is read. */
  readonly options: EditOptions;
  /** Whether keys are put into the configuration itself. */
  readonly holdsNewKeys: boolean;
  /** What was done, once it is. */
  readonly summary: string;
}

/**
 * Writes an edit and says what came of it, also at the running proxy, which has it in force then.
 *
 * @throws KeyCycleError `config/edit` where the edit would make a wrong file, and `keys/refused` where the
 * running proxy does not take it over: nothing is changed then; `keys/not-in-force` where the file is wrong
 * as it was before, or the proxy cannot be asked
 */
export async function applyEdit(config: EditableConfig, edit: Edit): Promise<void> {
  const { shownPath, path } = config;
  const { broken, left, unset, newlyUnset } = judgeEdit(
    { text: config.text, ...config.options },
    { text: edit.text, ...edit.options },
  );
  if (broken.length > 0)
    throw new KeyCycleError(
      "config/edit",
      `This would make ${shownPath} wrong, so nothing was written:\n\n${renderDiagnostics(broken)}`,
    );
  const putBack = replaceFiles(edit.files);
  const taken = await takeOver(path);
  if (taken.kind === "refused" && left.length === 0) {
    putBack();
    await takeOver(path);
    throw new KeyCycleError(
      "keys/refused",
      `The running keycycle cannot serve with that, so ${shownPath} is as it was:\n\n${taken.why}`,
    );
  }
  if (taken.kind !== "in-force" && newlyUnset.length > 0)
    consola.warn(
      `${edit.summary}\n${newlyUnset.join(", ")}: not set here. Whoever starts keycycle has to have it, or .env: without it the file is wrong.`,
    );
  else consola.success(edit.summary);
  if (edit.holdsNewKeys && isReadableByOthers(path)) consola.warn(tellReadable(shownPath));
  switch (taken.kind) {
    case "in-force":
      consola.info("The running keycycle serves with it from now on.");
      return;
    case "nobody":
    case "another":
      if (left.length > 0) throw stillWrong(shownPath, left);
      consola.info(`No keycycle is running with ${shownPath}: the next that starts has it.`);
      if (taken.kind === "another") consola.info(taken.why);
      if (newlyUnset.length === 0 && unset.length > 0)
        consola.warn(`${unset.join(", ")}: not set here. Whoever starts keycycle has to have it, or .env.`);
      return;
    case "refused":
      throw new KeyCycleError(
        "keys/not-in-force",
        `${shownPath} had errors before, so the running keycycle goes on as it was until they are mended:\n\n${taken.why}`,
      );
    case "unknown":
      throw new KeyCycleError(
        "keys/not-in-force",
        `Whether the running keycycle has taken it over could not be asked. ${taken.why}`,
      );
  }
}

function stillWrong(shownPath: string, left: readonly Diagnostic[]): KeyCycleError {
  return new KeyCycleError(
    "keys/not-in-force",
    `${shownPath} had errors before, and keycycle serve does not start until they are mended:\n\n${renderDiagnostics(left)}`,
  );
}
