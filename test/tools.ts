/**
 * The programs that the tests of the terminal drive: a pseudo-terminal and the shells whose completions
 * are tried. Installs what is missing where this is Debian and we may; else says what to install.
 */
const TOOLS = ["tmux", "zsh", "fish"];

const missing = TOOLS.filter((tool) => Bun.which(tool) === null);
if (missing.length > 0) {
  const mayInstall = process.getuid?.() === 0 && Bun.which("apt-get") !== null;
  const steps = [
    ["apt-get", "update", "-qq"],
    ["apt-get", "install", "-y", "-qq", "--no-install-recommends", ...missing],
  ];
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const installed =
    mayInstall &&
    steps.every((step) => Bun.spawnSync(step, { env, stdio: ["ignore", "ignore", "inherit"] }).success);
  if (!installed) {
    console.error(
      `The tests need ${missing.join(", ")}. Install them, as with: apt-get install ${missing.join(" ")}`,
    );
    process.exit(1);
  }
}
console.log(`${TOOLS.join(", ")}: there`);
