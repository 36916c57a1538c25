import { expect, test } from "bun:test";

import { OPENAI_NAMES } from "../../../src/proxy/owners/id-names.ts";
import { idsInForm } from "../../../src/proxy/owners/form-ids.ts";

async function idsOf(...fields: (readonly [string, string | Blob])[]): Promise<string[]> {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  const request = new Request("http://localhost", { method: "POST", body: form });
  const boundary = /boundary=(\S+)/.exec(request.headers.get("content-type") ?? "")?.[1] ?? "";
  return idsInForm(
    Buffer.from(await request.arrayBuffer()),
    boundary.replaceAll('"', ""),
    OPENAI_NAMES.names,
  );
}

test.each<[string, string]>([
  ["file_id", "file-1"],
  ["video[id]", "video_1"],
  ["file_ids[]", "file-1"],
  ["file_ids[0]", "file-1"],
  ["tools[0][vector_store_ids][]", "vs_1"],
  ["conversation[id]", "conv_1"],
  ["characters[][id]", "char_1"],
])("the field %s of a form names a thing", async (name, id) => {
  expect(await idsOf(["prompt", "a"], [name, id], ["file", new Blob(["bytes"])])).toEqual([id]);
});

test.each<[string, string | Blob]>([
  ["prompt", "file-1"],
  ["id", "file-1"],
  ["metadata[id]", "file-1"],
  ["video", new Blob(["bytes"])],
  ["file_id", "not an id"],
])("the field %s does not where it is something else", async (name, value) => {
  expect(await idsOf([name, value])).toEqual([]);
});

test("all that a form names are told, each once", async () => {
  expect(await idsOf(["file_ids[]", "file-1"], ["file_ids[]", "file-2"], ["file_ids[]", "file-1"])).toEqual([
    "file-1",
    "file-2",
  ]);
});
