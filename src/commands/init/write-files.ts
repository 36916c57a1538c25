import { relative } from "node:path";

import { consola } from "consola";

import { locateConfig } from "../../config/locate.ts";
import { readTextFile } from "../../config/files.ts";
import { replaceFiles } from "../../config/replace-file.ts";
import { shownFile } from "../../config/shown-file.ts";
import { isShowable } from "../../config/secrecy.ts";
import { KeyCycleError } from "../../error.ts";
import type { PlannedFiles } from "../../setup/plan-files.ts";
import { difference } from "../../terminal/difference.ts";
import { windowWidth } from "../../terminal/window.ts";
import { wrapLine } from "../../terminal/wrap.ts";
import { askYes, Cancelled } from "../../terminal/questions.ts";

/**
 * Shows what changes in a configuration that is there, and asks. Returns where it may be written: somebody
 * agreed, here or by `--replace`, or there is none yet.
 *
 * @param path  absolute
 * @throws KeyCycleError `init/exists` where nobody can be asked, `cancelled`
 */
export async function agreeOn(
  plan: PlannedFiles,
  path: string,
  { asks, replace }: { readonly asks: boolean; readonly replace: boolean },
): Promise<void> {
  const shown = shownPath(path);
  if (plan.before !== undefined && plan.before !== plan.text) {
    console.log(changeOf(plan.before, plan.text, path).join("\n"));
    if (!replace && !asks) {
      throw new KeyCycleError(
        "init/exists",
        `${shown} is there already and was left as it is. --replace makes it what is shown above, --output writes elsewhere.`,
      );
    }
    if (!replace && !(await askYes(`Replace ${shown}?`, false))) throw new Cancelled();
  }
}

/**
 * Writes a configuration and what belongs to it.
 *
 * @throws KeyCycleError `init/changed`, `write/failed`
 */
export function writeFiles(plan: PlannedFiles, path: string): void {
  const shown = shownPath(path);
  const now = readTextFile(path);
  if ((now.ok ? now.text : undefined) !== plan.before)
    throw new KeyCycleError(
      "init/changed",
      `${shown} has just been changed by somebody else, so nothing was written.`,
    );
  replaceFiles(plan.files);
  const others = plan.files.flatMap(({ path: other, note }) => {
    if (other === path) return [];
    return [note === undefined ? shownPath(other) : `${shownPath(other)} (${note})`];
  });
  consola.success(`Wrote ${[shown, ...others].join(", ")}.`);
}

function changeOf(before: string, after: string, path: string): string[] {
  const was = shownFile(before);
  const width = windowWidth();
  const head = wrapLine(`${shownPath(path)} is there already. This changes:`, width, "");
  if (was === undefined) {
    const { length } = before.split("\n");
    const why = `It is neither YAML nor JSON, so it is not shown; all ${length} lines of it go.`;
    return [...head, ...wrapLine(why, width, "")];
  }
  const lines = difference(was, shownFile(after) ?? "", width);
  return [...head, ...(lines.length === 0 ? ["  only keys and tokens"] : lines), ""];
}

/** The one command that comes next, with the flag that it needs to find the configuration. */
export function nextCommand(name: "check" | "serve", path: string): string {
  let found: string | undefined;
  try {
    found = locateConfig({ explicitPath: undefined, env: process.env, cwd: process.cwd() })?.path;
  } catch (error) {
    if (!(error instanceof KeyCycleError)) throw error;
  }
  return found === path ? `keycycle ${name}` : `keycycle ${name} --config ${shownPath(path)}`;
}

export function shownPath(path: string): string {
  const short = relative(process.cwd(), path);
  const shown = short.startsWith("..") ? path : short;
  return isShowable(shown) ? shown : "…";
}
