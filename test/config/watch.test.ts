import { afterEach, expect, test } from "bun:test";
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { watchConfig, type ConfigWatcher, type WatchOptions } from "../../src/config/watch.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
let folders = 0;
let open: ConfigWatcher | undefined;

afterEach(() => open?.close());

function newFolder(): string {
  const path = join(folder, String(++folders));
  mkdirSync(path);
  return path;
}

/** Watches, and gives the content of the first file at the next call back. */
function watching(files: string[], options: WatchOptions = { debounceMs: 20, pollMs: 60_000 }) {
  let resolve: ((text: string) => void) | undefined;
  const seen: string[] = [];
  const first = files[0] ?? "";
  open = watchConfig(
    files,
    () => {
      const text = readFileSync(first, "utf8");
      seen.push(text);
      resolve?.(text);
    },
    options,
  );
  const next = (act: () => void): Promise<string> => {
    const { promise, ...settle } = Promise.withResolvers<string>();
    resolve = settle.resolve;
    act();
    return promise;
  };
  return { next, seen };
}

test("a file that is written again is noticed", async () => {
  const file = join(newFolder(), "k.yaml");
  writeFileSync(file, "one");
  const { next } = watching([file]);
  expect(await next(() => writeFileSync(file, "two"))).toBe("two");
  expect(await next(() => writeFileSync(file, "three"))).toBe("three");
});

test("a file that is replaced by renaming another is noticed, each time", async () => {
  const file = join(newFolder(), "k.yaml");
  writeFileSync(file, "one");
  const { next } = watching([file]);
  for (const text of ["two", "three"]) {
    const noticed = await next(() => {
      writeFileSync(`${file}.new`, text);
      renameSync(`${file}.new`, file);
    });
    expect(noticed).toBe(text);
  }
});

test("a symbolic link that is swapped on the way is noticed, each time (Kubernetes)", async () => {
  const mount = newFolder();
  const version = (name: string, text: string): void => {
    mkdirSync(join(mount, name));
    writeFileSync(join(mount, name, "k.yaml"), text);
    symlinkSync(name, join(mount, "..data_tmp"));
    renameSync(join(mount, "..data_tmp"), join(mount, "..data"));
  };
  version("..1", "one");
  const file = join(mount, "k.yaml");
  symlinkSync("..data/k.yaml", file);
  const { next } = watching([file]);
  expect(await next(() => version("..2", "two"))).toBe("two");
  rmSync(join(mount, "..1"), { recursive: true });
  expect(await next(() => version("..3", "three"))).toBe("three");
});

test("a change behind a link into another folder is noticed", async () => {
  const target = join(newFolder(), "real.yaml");
  writeFileSync(target, "one");
  const link = join(newFolder(), "k.yaml");
  symlinkSync(target, link);
  const { next } = watching([link]);
  expect(await next(() => writeFileSync(target, "two"))).toBe("two");
});

test("a file that goes and comes back is noticed when it is back", async () => {
  const file = join(newFolder(), "k.yaml");
  writeFileSync(file, "one");
  const { next, seen } = watching([file]);
  const noticed = next(() => rmSync(file));
  setTimeout(() => writeFileSync(file, "two"), 60);
  expect(await noticed).toBe("two");
  expect(seen).toEqual(["two"]);
});

test("a file that goes is told once each time, whatever else happens in its folder", async () => {
  const parent = newFolder();
  const file = join(parent, "k.yaml");
  writeFileSync(file, "one");
  const gone: string[] = [];
  let told = Promise.withResolvers<void>();
  const onGone = (path: string) => {
    gone.push(path);
    told.resolve();
  };
  const { next } = watching([file], { debounceMs: 5, pollMs: 10, onGone });
  for (const text of ["two", "three"]) {
    told = Promise.withResolvers<void>();
    rmSync(file);
    await told.promise;
    await next(() => writeFileSync(file, text));
  }
  expect(gone).toEqual([file, file]);
});

test("the same content written again is no change", async () => {
  const folderOfBoth = newFolder();
  const file = join(folderOfBoth, "k.yaml");
  writeFileSync(file, "one");
  const { next, seen } = watching([file]);
  writeFileSync(file, "one");
  setTimeout(() => writeFileSync(file, "two"), 60);
  await next(() => {});
  expect(seen).toEqual(["two"]);
});

test("the poll notices what no event tells", async () => {
  const parent = newFolder();
  const file = join(parent, "later", "k.yaml");
  // A folder that does not exist yet cannot be watched, so its file is seen by polling alone.
  const { next } = watching([file], { debounceMs: 5, pollMs: 20 });
  const noticed = await next(() => {
    mkdirSync(join(parent, "later"));
    writeFileSync(file, "one");
  });
  expect(noticed).toBe("one");
});

test("other files can be followed", async () => {
  const parent = newFolder();
  const [file, keys] = [join(parent, "k.yaml"), join(newFolder(), "keys.txt")];
  writeFileSync(file, "one");
  writeFileSync(keys, "k-1");
  const { next } = watching([file]);
  open?.follow([file, keys]);
  expect(await next(() => writeFileSync(keys, "k-2"))).toBe("one");
});

test("watching does not keep the process alive", async () => {
  const file = join(newFolder(), "k.yaml");
  writeFileSync(file, "one");
  const module = join(import.meta.dir, "../../src/config/watch.ts");
  const script = `import { watchConfig } from ${JSON.stringify(module)}; watchConfig([${JSON.stringify(file)}], () => {});`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "ignore", stderr: "pipe" });
  expect(await child.exited).toBe(0);
});
