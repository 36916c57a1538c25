import bash from "./keycycle.bash" with { type: "text" };
import fish from "./keycycle.fish" with { type: "text" };
import powershell from "./keycycle.ps1" with { type: "text" };
import zsh from "./keycycle.zsh" with { type: "text" };

/** The shells that there are completions for. */
export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

/**
 * What each shell is to load. The scripts ask the program itself what may be typed next
 * (`answerCompletion`), so that they know the flags of the version that is installed, and the keys of the
 * configuration.
 */
export const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], string>> = { bash, zsh, fish, powershell };
