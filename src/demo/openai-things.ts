import { namedIn, type Thing } from "./account.ts";
import type { Call } from "./call.ts";
import type { AnswerMaterial, Refusal } from "./dialect.ts";
import { isRecord } from "./json.ts";
import { type Kind, KINDS, NESTED } from "./openai-kinds.ts";
import { countOf, pageById } from "./paging.ts";
import { binaryReply, jsonReply, type Reply } from "./reply.ts";
import { newId } from "./text.ts";

/** Under which names a body names things. */
const REFERENCES: ReadonlySet<string> = new Set([
  "file_id",
  "file_ids",
  "input_file_id",
  "training_file",
  "validation_file",
  "assistant_id",
  "vector_store_id",
  "vector_store_ids",
  "conversation",
  "container",
]);

/** The first thing that a body names and the account does not have. */
export function missingReference(json: unknown, { account }: AnswerMaterial): Refusal | undefined {
  const id = namedIn(json, REFERENCES).find((each) => !account.has(each));
  if (id === undefined) return undefined;
  const kind = [...KINDS.values()].find(({ prefix }) => id.startsWith(prefix));
  return { kind: "missing", message: (kind?.missing ?? "Item with id '$' not found.").replace("$", id) };
}

/** Answers what is about things; undefined where there is no such endpoint. */
export function openAiThings(call: Call, material: AnswerMaterial): Reply | Refusal | undefined {
  const [method = "", path = ""] = call.operation.split(" ");
  const segments = path.split("/");
  const two = segments.slice(0, 2).join("/");
  const name = KINDS.has(two) ? two : (segments[0] ?? "");
  const kind = KINDS.get(name);
  if (kind === undefined) return undefined;
  const [id, sub, subId, last] = segments.slice(name === two ? 2 : 1);
  if (id === undefined)
    return method === "POST" ? create(call, material, name, kind) : list(call, material, name, kind);
  if (name === "threads" && id === "runs") return createAndRun(call, material);
  if (name === "videos" && (id === "edits" || id === "extensions")) return remake(call, material, name, kind);

  const thing = material.account.get(name, id);
  if (thing === undefined) return { kind: "missing", message: kind.missing.replace("$", id) };
  if (sub === undefined) return ofOne(call, material, { name, id, kind, thing });
  const nested = NESTED.get(`${name}/${sub}`);
  if (nested === undefined) return act(material, thing, name, id, sub);
  return ofNested(call, material, `${name}/${id}/${sub}`, nested, subId, last);
}

function create(call: Call, material: AnswerMaterial, name: string, kind: Kind): Reply | Refusal {
  const missing = missingReference(call.json, material);
  if (missing !== undefined) return missing;
  const id = newId(kind.prefix);
  const file = call.form?.get("file");
  const isFile = typeof file === "object" && file !== null;
  const upload = isFile ? { filename: file.name, bytes: file.size, status: "processed" } : {};
  const json = {
    ...(isRecord(call.json) ? call.json : {}),
    ...textsOf(call),
    ...upload,
    ...kind.fields?.(material, call),
    id,
    object: kind.object,
    created_at: Math.floor(call.arrival.at / 1_000),
    ...(name === "fine_tuning/jobs" || name === "videos" ? { status: "queued" } : {}),
  };
  material.commit(() => material.account.put(name, id, { json, content: contentOf(call) }));
  return jsonReply(json);
}

/** A video made from another, which JSON names in an object and a form in brackets. */
function remake(call: Call, material: AnswerMaterial, name: string, kind: Kind): Reply | Refusal {
  const video = isRecord(call.json) && isRecord(call.json["video"]) ? call.json["video"]["id"] : undefined;
  const id = String(video ?? textsOf(call)["video[id]"]);
  if (material.account.get(name, id) === undefined)
    return { kind: "missing", message: kind.missing.replace("$", id) };
  return create(call, material, name, kind);
}

/** The parts of a form that are no file. */
function textsOf({ form }: Call): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of form?.entries() ?? []) if (typeof value === "string") texts[name] = value;
  return texts;
}

/** The form as it came holds the file, which is all that a test can look for. */
function contentOf({ arrival }: Call): Uint8Array {
  return arrival.body;
}

function list(
  call: Call,
  { account }: AnswerMaterial,
  name: string,
  kind: Pick<Kind, "oldestFirst">,
): Reply | Refusal {
  const { query } = call.arrival;
  const order = query.get("order") ?? (kind.oldestFirst === true ? "asc" : "desc");
  const things = order === "asc" ? account.list(name) : account.list(name).toReversed();
  const limit = countOf(query, "limit", name === "files" ? 10_000 : 20);
  const { data, hasMore, unknown } = pageById(things, limit, query.get("after"), query.get("before"));
  if (unknown !== undefined) return { kind: "bad-request", message: `No item found with id '${unknown}'.` };
  const ends = { first_id: data[0]?.["id"] ?? null, last_id: data.at(-1)?.["id"] ?? null };
  return jsonReply({ object: "list", data, ...ends, has_more: hasMore });
}

function ofOne(
  call: Call,
  { account, commit }: AnswerMaterial,
  { name, id, kind, thing }: { name: string; id: string; kind: Pick<Kind, "object">; thing: Thing },
): Reply {
  switch (call.arrival.method) {
    case "DELETE":
      commit(() => account.remove(name, id));
      return jsonReply({ id, object: `${kind.object}.deleted`, deleted: true });
    case "POST": {
      const json = { ...thing.json, ...(isRecord(call.json) ? call.json : {}) };
      commit(() => account.put(name, id, { ...thing, json }));
      return jsonReply(json);
    }
    default:
      return jsonReply(thing.json);
  }
}

/** Lists of what happens to a thing: nothing does. */
const LISTS: ReadonlySet<string> = new Set([
  "input_items",
  "events",
  "checkpoints",
  "steps",
  "files",
  "output_items",
]);

/** `/content`, and what is done to a thing: `/cancel`, `/complete`. */
function act(material: AnswerMaterial, thing: Thing, name: string, id: string, action: string): Reply {
  const { account, commit } = material;
  if (action === "content") return binaryReply(thing.content ?? new Uint8Array(), "application/octet-stream");
  if (LISTS.has(action)) return jsonReply({ object: "list", data: [], has_more: false });
  if (action !== "complete") return jsonReply({ ...thing.json, status: `${action}led` });
  const fileId = newId("file-");
  const file = {
    id: fileId,
    object: "file",
    created_at: thing.json["created_at"],
    purpose: thing.json["purpose"],
  };
  commit(() => {
    account.put("files", fileId, { json: file });
    account.put(name, id, { json: { ...thing.json, status: "completed", file } });
  });
  return jsonReply({ ...thing.json, status: "completed", file });
}

function ofNested(
  call: Call,
  material: AnswerMaterial,
  name: string,
  kind: Omit<Kind, "missing">,
  id: string | undefined,
  action: string | undefined,
): Reply | Refusal {
  const { account, commit } = material;
  if (id === undefined) {
    if (call.arrival.method !== "POST") return list(call, material, name, kind);
    const missing = missingReference(call.json, material);
    if (missing !== undefined) return missing;
    const fields = isRecord(call.json) ? call.json : {};
    const fileId = fields["file_id"];
    const newOne = kind.prefix === "" && typeof fileId === "string" ? fileId : newId(kind.prefix);
    const created_at = Math.floor(call.arrival.at / 1_000);
    const json = { ...fields, id: newOne, object: kind.object, created_at, status: "completed" };
    commit(() => account.put(name, newOne, { json, content: contentOf(call) }));
    return jsonReply(json);
  }
  const thing = account.get(name, id);
  if (thing === undefined) return { kind: "missing", message: `No ${kind.object} found with id '${id}'.` };
  return action === undefined
    ? ofOne(call, material, { name, id, kind, thing })
    : act(material, thing, name, id, action);
}

/** `POST /threads/runs` makes a thread and a run in it. */
function createAndRun(call: Call, material: AnswerMaterial): Reply | Refusal {
  const missing = missingReference(call.json, material);
  if (missing !== undefined) return missing;
  const created_at = Math.floor(call.arrival.at / 1_000);
  const thread = { id: newId("thread_"), object: "thread", created_at };
  const run = {
    id: newId("run_"),
    object: "thread.run",
    created_at,
    thread_id: thread.id,
    status: "completed",
  };
  material.commit(() => {
    material.account.put("threads", thread.id, { json: thread });
    material.account.put(`threads/${thread.id}/runs`, run.id, { json: run });
  });
  return jsonReply(run);
}
