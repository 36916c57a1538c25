import { setDefaultTimeout } from "bun:test";
import { configureGlobal } from "fast-check";

import { buildBinary } from "./e2e/binary.ts";

// The binary starts many times, on a machine that may be busy.
setDefaultTimeout(20_000);
// fast-check's own default stops at ten or so, whatever length a property names.
configureGlobal({ defaultSizeToMaxWhenMaxSpecified: true });
await buildBinary();
