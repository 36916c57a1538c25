import { askProxy } from "../../admin/ask-proxy.ts";
import { findPlace } from "../../admin/find-place.ts";
import { ReloadView } from "../../admin/views.ts";
import { KeyCycleError } from "../../error.ts";

/** What became of an edited configuration at the proxy that serves it. */
export type TakenOver =
  | { readonly kind: "in-force" }
  /** No proxy serves this configuration. */
  | { readonly kind: "nobody" }
  /** Nor does the one that stands where it would be; `why` is for a person. */
  | { readonly kind: "another"; readonly why: string }
  /** It goes on with what it had; `why` is for a person. */
  | { readonly kind: "refused"; readonly why: string }
  /** It could not be asked. */
  | { readonly kind: "unknown"; readonly why: string };

/**
 * Has the running proxy read its configuration again, and waits until that is in force.
 *
 * @param path  of the configuration, absolute
 */
export async function takeOver(path: string): Promise<TakenOver> {
  try {
    const place = findPlace({ explicitPath: path, env: process.env, cwd: process.cwd() }, false);
    await askProxy(place, "POST", "/admin/reload", ReloadView);
    return { kind: "in-force" };
  } catch (error) {
    if (!(error instanceof KeyCycleError)) throw error;
    switch (error.code) {
      case "admin/not-running":
        return { kind: "nobody" };
      case "admin/another":
        return { kind: "another", why: error.message };
      case "admin/refused":
        return { kind: "refused", why: error.message };
      default:
        return { kind: "unknown", why: error.message };
    }
  }
}
