import { defineCommand } from "citty";
import { consola } from "consola";

import { askProxy } from "../../admin/ask-proxy.ts";
import { ActionView } from "../../admin/views.ts";
import { showTyped } from "../../config/secrecy.ts";
import type { HandAction } from "../../rotation/by-hand.ts";
import { help } from "../help.ts";
import { PROXY_ARGS, placeOf } from "../running-proxy.ts";

const DESCRIPTIONS: Readonly<Record<HandAction, string>> = {
  enable: "Let the running proxy use a key again that was disabled.",
  disable:
    "Have the running proxy leave a key alone, also after a restart, until it is enabled; what is under way on it goes on.",
  reset:
    "Have the running proxy forget what it learned of a key: cooldowns, that it was spent or refused, and its limits.",
};

const DONE: Readonly<Record<HandAction, readonly [changed: string, unchanged: string]>> = {
  enable: ["is used again", "was not disabled"],
  disable: ["gets no further requests", "was disabled already"],
  reset: ["is as new to the running proxy", "is as new to the running proxy"],
};

/** `keycycle keys enable`, `disable` and `reset`. */
function handCommand(action: HandAction) {
  return defineCommand({
    meta: help({
      name: action,
      description: DESCRIPTIONS[action],
      example: `keycycle keys ${action} openai-2`,
    }),
    args: {
      name: {
        type: "positional",
        description: "The key, as keycycle keys list and the log call it",
        valueHint: "key",
        required: true,
      },
      ...PROXY_ARGS,
    },
    async run({ args }) {
      const path = `/admin/keys/${encodeURIComponent(args.name)}/${action}`;
      const { changed, lasts } = await askProxy(placeOf(args), "POST", path, ActionView);
      const [told, toldUnchanged] = DONE[action];
      consola.success(`${showTyped(args.name)} ${changed ? told : toldUnchanged}.`);
      if (action === "disable" && !lasts)
        consola.info("This proxy keeps its state in memory: after a restart the key is used again.");
    },
  });
}

export const enable = handCommand("enable");
export const disable = handCommand("disable");
export const reset = handCommand("reset");
