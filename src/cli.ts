import { settleColour } from "./terminal/colour.ts";
import { watchOutput } from "./terminal/output.ts";
import { VERSION_LINE } from "./version.ts";

const args = settleColour(process.argv.slice(2));
if (args[0] === "--version" || args[0] === "-v") {
  const written = watchOutput();
  console.log(VERSION_LINE);
  const problem = await written();
  if (problem !== undefined) {
    console.error(problem);
    process.exitCode = 1;
  }
} else if (args[0] === "__complete") {
  const [{ answerCompletion }, { keycycle }] = await Promise.all([
    import("./commands/completions/answer.ts"),
    import("./commands/keycycle.ts"),
  ]);
  await answerCompletion(keycycle, args.slice(1));
} else {
  const [{ runCli }, { keycycle }] = await Promise.all([
    import("./commands/run-cli.ts"),
    import("./commands/keycycle.ts"),
  ]);
  process.exitCode = await runCli(keycycle, args);
}
