import { afterEach, beforeEach, expect, jest, test } from "bun:test";

import { Log } from "../../src/observe/log.ts";
import { startProbing } from "../../src/proxy/prober.ts";
import { createRuntime } from "../../src/proxy/runtime.ts";
import { configWith } from "./config-with.ts";

const log = new Log();

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test.each([
  { probeAfterMs: 60_000, planned: true },
  { probeAfterMs: 0, planned: false },
])("with rotation.probeAfter of $probeAfterMs ms a probe of a dead key is planned: $planned", (row) => {
  const config = configWith({ keys: [{ name: "dead" }] });
  const rotation = { ...config.rotation, probeAfterMs: row.probeAfterMs };
  const runtime = createRuntime({ ...config, rotation });
  const [key] = runtime.keys;
  if (key === undefined) throw new Error("The configuration has a key");
  key.state.setAside = { kind: "dead", reason: "invalid_api_key" };
  const stop = startProbing({ runtime, draining: false, killed: false }, log);
  jest.advanceTimersByTime(30_000);
  stop();
  expect("comeback" in key.state.setAside).toBe(row.planned);
});
