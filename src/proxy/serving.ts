import type { Runtime } from "./runtime.ts";

/** What the app looks at on each request, so that a reload takes effect by an assignment. */
export interface Serving {
  /** In force for new requests. */
  runtime: Runtime;
  draining: boolean;
  /** What was still under way has been broken off by KeyCycle itself. */
  killed: boolean;
  /** Answers what is asked of `/admin` on the proxy's port; undefined until there is something to answer. */
  admin?: (request: Request) => Response | Promise<Response>;
}
