import { defineCommand } from "citty";

import { init } from "./commands/init.ts";
import { runCli } from "./commands/run-cli.ts";
import { serve } from "./commands/serve.ts";
import { COMMIT, VERSION } from "./version.ts";

const keycycle = defineCommand({
  meta: {
    name: "keycycle",
    version: `${VERSION} (commit ${COMMIT}, Bun ${Bun.version})`,
    description: "A reverse proxy for LLM APIs that makes many API keys behave as one",
  },
  subCommands: { serve, init },
});

process.exitCode = await runCli(keycycle, process.argv.slice(2));
