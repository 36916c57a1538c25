import { dirname, join } from "node:path";

import type { Env } from "../../config/interpolate.ts";

/** What a service manager is to run. */
export interface ServiceCommand {
  /** The program and what comes before `serve`. */
  readonly program: readonly string[];
  /** Absolute. */
  readonly configPath: string;
}

/** A file that makes a service manager run KeyCycle, and what a person types for it. */
export interface Unit {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  /** Starts the service now and at each login. */
  readonly start: string;
  /** Ends it once the file is gone. */
  readonly stop: string;
  /** Links that starting it made, which go with it. */
  readonly links: readonly string[];
}

/** Tells a file of ours from another of its name. */
export const MARK = "Written by keycycle service install";

/** @returns undefined where the system has no service manager that we know */
export function unitFor(platform: NodeJS.Platform, command: ServiceCommand, env: Env): Unit | undefined {
  const home = env["HOME"] ?? "";
  if (platform === "linux") {
    const folder = join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "systemd/user");
    return {
      path: join(folder, "keycycle.service"),
      text: systemdUnit(command),
      start: "systemctl --user daemon-reload && systemctl --user enable --now keycycle",
      stop: "systemctl --user stop keycycle && systemctl --user daemon-reload",
      links: [join(folder, "default.target.wants/keycycle.service")],
    };
  }
  if (platform === "darwin") {
    const path = join(home, "Library/LaunchAgents/keycycle.plist");
    return {
      path,
      text: launchdPlist(command, join(home, "Library/Logs/keycycle.log")),
      start: `launchctl bootstrap gui/$(id -u) ${path}`,
      stop: "launchctl bootout gui/$(id -u)/keycycle",
      links: [],
    };
  }
  return undefined;
}

/** What of a service manager was found on this machine. */
export interface Found {
  /** `/run/systemd/system`, by which sd_booted(3) tells that systemd runs. */
  readonly systemdFolder: boolean;
  readonly systemctl: boolean;
}

/** What to say where nothing on this machine would start the unit; undefined where something would. */
export function whyNotStarted(
  platform: NodeJS.Platform,
  found: Found,
  configPath: string,
): string | undefined {
  if (platform !== "linux" || (found.systemdFolder && found.systemctl)) return undefined;
  const what = found.systemctl ? "there is no /run/systemd/system" : "there is no systemctl";
  return `systemd does not run here (${what}), so this starts nothing. Let what starts your programs run: keycycle serve --config ${configPath}`;
}

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html */
function systemdUnit({ program, configPath }: ServiceCommand): string {
  const words = [...program, "serve", "--config", configPath];
  return `# ${MARK}. keycycle service uninstall takes it away.
[Unit]
Description=KeyCycle, a reverse proxy for LLM APIs

[Service]
ExecStart=${words.map(systemdQuoted).join(" ")}
WorkingDirectory=${dirname(configPath).replaceAll("%", "%%")}
Restart=on-failure
# 2 is a wrong configuration: starting again does not mend it.
RestartPreventExitStatus=2
# Longer than server.drainTimeout, so that streams under way may finish.
TimeoutStopSec=90
UMask=0077
NoNewPrivileges=yes

[Install]
WantedBy=default.target
`;
}

/** Its quotes, with the signs that it would fill in doubled. */
function systemdQuoted(word: string): string {
  const escaped = word.replaceAll(/[\\"]/g, "\\$&").replaceAll("%", "%%").replaceAll("$", "$$$$");
  return /^[\w./@+%:-]+$/.test(word) ? escaped : `"${escaped}"`;
}

/** https://www.manpagez.com/man/5/launchd.plist/ */
function launchdPlist({ program, configPath }: ServiceCommand, logPath: string): string {
  const words = [...program, "serve", "--config", configPath];
  const strings = words.map((word) => `    <string>${xml(word)}</string>`).join("\n");
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- ${MARK}. keycycle service uninstall takes it away. -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>keycycle</string>
  <key>ProgramArguments</key>
  <array>
${strings}
  </array>
  <key>WorkingDirectory</key>
  <string>${xml(dirname(configPath))}</string>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ExitTimeOut</key>
  <integer>90</integer>
  <key>Umask</key>
  <integer>63</integer>
  <key>StandardOutPath</key>
  <string>${xml(logPath)}</string>
  <key>StandardErrorPath</key>
  <string>${xml(logPath)}</string>
</dict>
</plist>
`;
}

function xml(text: string): string {
  return Bun.escapeHTML(text);
}
