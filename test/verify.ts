/**
 * Everything that CI runs, in the order in which a failure is cheapest to learn of. The last line tells
 * how many checks passed: each step, and each test.
 */
const ROOT = `${import.meta.dir}/..`;
const bun = process.execPath;

const STEPS: readonly (readonly [name: string, command: readonly string[]])[] = [
  ["tools", [bun, "test/tools.ts"]],
  ["format", [bun, "fmt", "--check"]],
  ["lint", [bun, "run", "lint"]],
  ["types", [bun, "check"]],
  ["build", [bun, "run", "build"]],
  ["binary starts", [`${ROOT}/dist/keycycle`, "--version"]],
];

let passed = 0;
for (const [name, command] of STEPS) {
  console.log(
    `\n== ${name}: ${command.map((part) => part.replace(bun, "bun").replace(`${ROOT}/`, "")).join(" ")}`,
  );
  const step = Bun.spawnSync([...command], { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
  if (!step.success) finish(passed, 1);
  passed += 1;
}

console.log("\n== tests: bun test --parallel");
const tests = Bun.spawn([bun, "test", "--parallel"], { cwd: ROOT, stdio: ["ignore", "inherit", "pipe"] });
let summary = "";
const decoder = new TextDecoder();
for await (const chunk of tests.stderr) {
  process.stderr.write(chunk);
  // Only the end is looked at, and the whole output of a run may be long.
  summary = (summary + decoder.decode(chunk, { stream: true })).slice(-4096);
}
const exitCode = await tests.exited;
const testsPassed = Number(/^\s*(\d+) pass$/m.exec(summary)?.[1] ?? 0);
const testsFailed = Number(/^\s*(\d+) fail$/m.exec(summary)?.[1] ?? 0);
const failed = testsFailed === 0 && (exitCode !== 0 || testsPassed === 0) ? 1 : testsFailed;
finish(passed + testsPassed, failed);

function finish(passedCount: number, failedCount: number): never {
  console.log(`\n${passedCount} passed, ${failedCount} failed`);
  process.exit(failedCount === 0 ? 0 : 1);
}
