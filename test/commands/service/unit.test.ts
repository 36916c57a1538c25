import { describe, expect, test } from "bun:test";

import { unitFor, whyNotStarted } from "../../../src/commands/service/unit.ts";

const COMMAND = {
  program: ["/opt/key cycle/100%/keycycle"],
  configPath: '/home/me/my "llm" $keys/keycycle.yaml',
};

function unit(platform: NodeJS.Platform, env: Record<string, string> = { HOME: "/home/me" }) {
  const found = unitFor(platform, COMMAND, env);
  if (found === undefined) throw new Error(`no unit for ${platform}`);
  return found;
}

describe("a systemd unit", () => {
  test("stands where the user's units do", () => {
    expect(unit("linux").path).toBe("/home/me/.config/systemd/user/keycycle.service");
    const elsewhere = { HOME: "/home/me", XDG_CONFIG_HOME: "/home/me/etc" };
    expect(unit("linux", elsewhere).path).toBe("/home/me/etc/systemd/user/keycycle.service");
  });

  test("runs the program with its configuration, whatever signs their paths have", () => {
    const lines = unit("linux").text.split("\n");
    expect(lines).toContain(
      String.raw`ExecStart="/opt/key cycle/100%%/keycycle" serve --config "/home/me/my \"llm\" $$keys/keycycle.yaml"`,
    );
    expect(lines).toContain('WorkingDirectory=/home/me/my "llm" $keys');
  });
});

describe("a launchd plist", () => {
  test("stands where the user's agents do, and is sound XML", () => {
    const { path, text } = unit("darwin");
    expect(path).toBe("/home/me/Library/LaunchAgents/keycycle.plist");
    expect(text).toContain("<string>/home/me/my &quot;llm&quot; $keys/keycycle.yaml</string>");
    const open = Array.from(text.matchAll(/<(\w+)>/g), (match) => match[1]);
    const closed = Array.from(text.matchAll(/<\/(\w+)>/g), (match) => match[1]);
    expect(open.toSorted()).toEqual(closed.filter((name) => name !== "plist").toSorted());
  });
});

test("other systems have none that we know", () => {
  expect(unitFor("win32", COMMAND, {})).toBeUndefined();
});

test.each([
  { platform: "linux", systemdFolder: false, systemctl: true, says: "there is no /run/systemd/system" },
  { platform: "linux", systemdFolder: true, systemctl: false, says: "there is no systemctl" },
  { platform: "linux", systemdFolder: true, systemctl: true, says: undefined },
  { platform: "darwin", systemdFolder: false, systemctl: false, says: undefined },
] as const)("where systemd does not run it is said: $platform $systemdFolder $systemctl", (here) => {
  const why = whyNotStarted(here.platform, here, "/etc/k.yaml");
  if (here.says === undefined) expect(why).toBeUndefined();
  else expect(why).toContain(here.says);
});
