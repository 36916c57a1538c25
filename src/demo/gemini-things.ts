import { namedIn } from "./account.ts";
import type { Call } from "./call.ts";
import type { AnswerMaterial, Refusal } from "./dialect.ts";
import { fieldOf, isRecord, stringIn } from "./json.ts";
import { countOf, pageByToken } from "./paging.ts";
import { binaryReply, jsonReply, type Reply } from "./reply.ts";
import { newId } from "./text.ts";

/** A kind of thing by its collection, as https://ai.google.dev/api has it: the field of its list, and what is said of one that is not there. */
const KINDS: ReadonlyMap<string, { readonly list: string; readonly missing: string }> = new Map([
  [
    "files",
    { list: "files", missing: "You do not have permission to access the File $ or it may not exist." },
  ],
  ["cachedContents", { list: "cachedContents", missing: "CachedContent not found (or permission denied)" }],
  [
    "batches",
    { list: "operations", missing: "You do not have permission to access the Batch $ or it may not exist." },
  ],
  [
    "tunedModels",
    {
      list: "tunedModels",
      missing: "You do not have permission to access the TunedModel $ or it may not exist.",
    },
  ],
  [
    "fileSearchStores",
    {
      list: "fileSearchStores",
      missing: "You do not have permission to access the FileSearchStore $ or it may not exist.",
    },
  ],
]);

const REFERENCES: ReadonlySet<string> = new Set([
  "fileUri",
  "file_uri",
  "cachedContent",
  "cached_content",
  "fileName",
  "fileSearchStoreNames",
]);

const RESOURCE = /^\/v1(?:alpha|beta)?\/(\w+)(?:\/([\w-]+))?(?::(\w+))?$/;
const OPERATION = /^\/v1(?:alpha|beta)?\/(models\/[^/]+\/operations\/[\w-]+)$/;
const UPLOAD = /^\/upload\/v1(?:alpha|beta)?\/files$/;

/** The first thing that a body names and the account does not have. */
export function missingNamed(json: unknown, { account }: AnswerMaterial): Refusal | undefined {
  const names = namedIn(json, REFERENCES).map(
    (name) => /(?:files|cachedContents|fileSearchStores)\/[\w-]+/.exec(name)?.[0],
  );
  const name = names.find((each) => each !== undefined && !account.has(each));
  return name === undefined ? undefined : missing(name);
}

function missing(name: string): Refusal {
  const [collection = "", id = ""] = name.split("/");
  const words = KINDS.get(collection)?.missing ?? "Requested entity was not found.";
  return { kind: "missing", status: KINDS.has(collection) ? 403 : 404, message: words.replace("$", id) };
}

/** Answers what is about things; undefined where there is no such endpoint. */
export function geminiThings(call: Call, material: AnswerMaterial): Reply | Refusal | undefined {
  const { pathname, method } = call.arrival;
  const { account, commit } = material;
  if (UPLOAD.test(pathname)) return upload(call, material);
  const operation = OPERATION.exec(pathname)?.[1];
  if (operation !== undefined) {
    const thing = account.get("operations", operation);
    return thing === undefined ? missing(operation) : jsonReply(thing.json);
  }
  const [, collection = "", id, action] = RESOURCE.exec(pathname) ?? [];
  if (collection === "interactions") return interaction(call, material, id);
  const kind = KINDS.get(collection);
  if (kind === undefined) return undefined;
  if (id === undefined)
    return method === "POST"
      ? create(call, material, collection)
      : list(call, material, collection, kind.list);
  const name = `${collection}/${id}`;
  const thing = account.get(collection, name);
  if (thing === undefined) return missing(name);
  if (method === "DELETE") {
    commit(() => account.remove(collection, name));
    return jsonReply({});
  }
  if (action === "download")
    return binaryReply(thing.content ?? new Uint8Array(), "application/octet-stream");
  if (action !== undefined) return jsonReply({});
  if (method !== "PATCH") return jsonReply(thing.json);
  const json = { ...thing.json, ...(isRecord(call.json) ? call.json : {}), name };
  commit(() => account.put(collection, name, { json }));
  return jsonReply(json);
}

function create(call: Call, material: AnswerMaterial, collection: string): Reply | Refusal {
  const lost = missingNamed(call.json, material);
  if (lost !== undefined) return lost;
  const name = `${collection}/${newId("")}`;
  const createTime = new Date(call.arrival.at).toISOString();
  const expireTime = new Date(call.arrival.at + 3_600_000).toISOString();
  const json = {
    ...(isRecord(call.json) ? call.json : {}),
    name,
    createTime,
    updateTime: createTime,
    expireTime,
  };
  material.commit(() => material.account.put(collection, name, { json }));
  return jsonReply(json);
}

function list(call: Call, { account }: AnswerMaterial, collection: string, field: string): Reply {
  const { query } = call.arrival;
  const things = account.list(collection).toReversed();
  const { data, next } = pageByToken(things, countOf(query, "pageSize", 10), query.get("pageToken"));
  return jsonReply({
    ...(data.length > 0 ? { [field]: data } : {}),
    ...(next === undefined ? {} : { nextPageToken: next }),
  });
}

/** Stored turns of a conversation (https://ai.google.dev/api/interactions-api). */
function interaction(
  call: Call,
  { account, commit, sentence }: AnswerMaterial,
  id: string | undefined,
): Reply | Refusal {
  const lost = id ?? stringIn(call.json, "previous_interaction_id");
  if (lost !== undefined && !account.has(lost)) {
    return { kind: "missing", status: 404, message: `Interaction ${lost} not found.` };
  }
  if (id !== undefined) return jsonReply(account.get("interactions", id)?.json ?? {});
  const json = {
    id: newId("v1_"),
    object: "interaction",
    status: "completed",
    outputs: [{ type: "text", text: sentence }],
  };
  commit(() => account.put("interactions", json.id, { json }));
  return jsonReply(json);
}

/** What models make that takes its time: done as soon as it is asked for. */
export function longRunning(call: Call, material: AnswerMaterial): Reply | Refusal {
  const lost = missingNamed(call.json, material);
  if (lost !== undefined) return lost;
  const isBatch = call.operation === "POST batchGenerateContent";
  const createTime = new Date(call.arrival.at).toISOString();
  const name = isBatch ? `batches/${newId("")}` : `models/${call.model}/operations/${newId("")}`;
  const metadata = { createTime, model: `models/${call.model}`, state: "BATCH_STATE_SUCCEEDED" };
  const json = { name, metadata, done: true, response: {} };
  material.commit(() => material.account.put(isBatch ? "batches" : "operations", name, { json }));
  return jsonReply(json);
}

/** The resumable protocol: a start, then the bytes in any number of parts, the last of which says so. */
function upload(call: Call, material: AnswerMaterial): Reply | Refusal | undefined {
  const { arrival } = call;
  const { account, commit } = material;
  const command = arrival.headers["x-goog-upload-command"] ?? "";
  const session = arrival.query.get("upload_id");
  if (session === null) {
    const id = newId("AB");
    const told = fieldOf(call.json, "file");
    commit(() => account.put("uploads", id, { json: isRecord(told) ? told : {}, content: new Uint8Array() }));
    const url = `http://${arrival.headers["host"]}${arrival.pathname}?upload_id=${id}&upload_protocol=resumable`;
    return withHeaders({
      "x-goog-upload-status": "active",
      "x-goog-upload-url": url,
      "x-goog-upload-control-url": url,
    });
  }
  const begun = account.get("uploads", session);
  if (begun === undefined)
    return { kind: "missing", status: 404, message: "Upload has already been terminated." };
  const content = Buffer.concat([begun.content ?? new Uint8Array(), arrival.body]);
  if (!command.includes("finalize")) {
    commit(() => account.put("uploads", session, { json: begun.json, content }));
    return withHeaders({ "x-goog-upload-status": "active" });
  }
  const name = stringIn(begun.json, "name") ?? `files/${newId("")}`;
  const createTime = new Date(arrival.at).toISOString();
  const uri = `http://${arrival.headers["host"]}/v1beta/${name}`;
  const json = { ...begun.json, name, uri, createTime, sizeBytes: String(content.length), state: "ACTIVE" };
  commit(() => {
    account.remove("uploads", session);
    account.put("files", name, { json, content });
  });
  return {
    ...jsonReply({ file: json }),
    headers: { "content-type": "application/json", "x-goog-upload-status": "final" },
  };
}

function withHeaders(headers: Readonly<Record<string, string>>): Reply {
  return { ...jsonReply({}), headers };
}
