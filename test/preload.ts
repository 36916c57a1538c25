import { buildBinary } from "./e2e/binary.ts";

await buildBinary();
