import { setDefaultTimeout } from "bun:test";

import { buildBinary } from "./e2e/binary.ts";

// The binary starts many times, on a machine that may be busy.
setDefaultTimeout(20_000);
await buildBinary();
