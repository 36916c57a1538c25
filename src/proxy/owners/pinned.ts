import { nearest } from "../../config/nearest.ts";
import type { OwnError } from "../../providers/error-format.ts";
import type { Exchange } from "../exchange.ts";
import type { UpstreamKey } from "../runtime.ts";

/** Names the one key that may serve a request, or whose own list is asked for. It never reaches an upstream (`dropClientCredentials`). */
export const PIN_HEADER = "x-keycycle-key";

/** The key that a client asks for by its name; undefined where it asks for none. */
export function pinnedKey({ request, runtime, api }: Exchange): UpstreamKey | OwnError | undefined {
  const name = request.headers.get(PIN_HEADER);
  if (name === null) return undefined;
  const key = runtime.keys.find((each) => each.name === name || encodeURIComponent(each.name) === name);
  if (key === undefined) {
    const near = nearest(
      name,
      runtime.keys.map((each) => each.name),
    );
    const meant = near === undefined ? "" : ` Did you mean "${near}"?`;
    return wrong("unknown_key", `${PIN_HEADER}: there is no key of that name.${meant}`);
  }
  if (key.provider.serves(api, key.config)) return key;
  return wrong(
    "unsuitable_key",
    `${PIN_HEADER}: the key "${key.name}" does not speak the API of this request.`,
  );
}

function wrong(code: string, message: string): OwnError {
  return { status: 400, code, message, param: PIN_HEADER };
}
