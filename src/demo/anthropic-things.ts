import { namedIn } from "./account.ts";
import type { Call, Form } from "./call.ts";
import type { AnswerMaterial, Refusal } from "./dialect.ts";
import { fieldOf } from "./json.ts";
import { countOf, pageById, pageByToken } from "./paging.ts";
import { binaryReply, jsonReply, type Reply } from "./reply.ts";
import { newId } from "./text.ts";

/** A kind of thing, as https://docs.anthropic.com/en/api has it. */
interface Kind {
  readonly type: string;
  readonly prefix: string;
  readonly missing: string;
  /** Its lists go on by token, others' by id. */
  readonly byToken: boolean;
  readonly fields: (call: Call, id: string, form: Form | undefined) => Readonly<Record<string, unknown>>;
}

const KINDS: ReadonlyMap<string, Kind> = new Map([
  ["files", { type: "file", prefix: "file_01", missing: "File not found", byToken: true, fields: fileOf }],
  [
    "messages/batches",
    {
      type: "message_batch",
      prefix: "msgbatch_01",
      missing: "Batch not found",
      byToken: false,
      fields: batchOf,
    },
  ],
  [
    "skills",
    { type: "skill", prefix: "skill_01", missing: "Skill not found", byToken: true, fields: skillOf },
  ],
]);

const REFERENCES: ReadonlySet<string> = new Set(["file_id", "container", "skill_id"]);

/** The first thing that a body names and the account does not have; Anthropic's own skills are everybody's. */
export function missingThing(json: unknown, { account }: AnswerMaterial): Refusal | undefined {
  const id = namedIn(json, REFERENCES).find(
    (each) => !account.has(each) && /^(?:file|container|skill)_/.test(each),
  );
  if (id === undefined) return undefined;
  const noun = id.startsWith("file_") ? "File" : id.startsWith("skill_") ? "Skill" : "Container";
  return { kind: "missing", message: `${noun} not found: ${id}` };
}

/** Answers what is about things; undefined where there is no such endpoint. */
export function anthropicThings(call: Call, material: AnswerMaterial): Reply | Refusal | undefined {
  const [method = "", path = ""] = call.operation.split(" ");
  const entry = [...KINDS].find(([name]) => path === name || path.startsWith(`${name}/`));
  if (entry === undefined) return undefined;
  const [name, kind] = entry;
  const [id, action] = path.slice(name.length + 1).split("/");
  const { account, commit } = material;
  if (id === undefined || id === "") {
    return method === "POST" ? create(call, material, name, kind) : list(call, material, name, kind);
  }
  const thing = account.get(name, id);
  if (thing === undefined) return { kind: "missing", message: `${kind.missing}: ${id}` };
  if (method === "DELETE") {
    commit(() => account.remove(name, id));
    return jsonReply({ id, type: `${kind.type}_deleted` });
  }
  if (action === "content") return binaryReply(thing.content ?? new Uint8Array(), "application/octet-stream");
  if (action === "results") return binaryReply(resultsOf(thing.json), "application/x-jsonl");
  return jsonReply(thing.json);
}

function create(call: Call, material: AnswerMaterial, name: string, kind: Kind): Reply | Refusal {
  const missing = missingThing(call.json, material);
  if (missing !== undefined) return missing;
  const id = newId(kind.prefix);
  const created_at = new Date(call.arrival.at).toISOString();
  const json = { id, type: kind.type, created_at, ...kind.fields(call, id, call.form) };
  material.commit(() => material.account.put(name, id, { json, content: call.arrival.body }));
  return jsonReply(json);
}

function list(call: Call, { account }: AnswerMaterial, name: string, { byToken }: Kind): Reply | Refusal {
  const { query } = call.arrival;
  const things = account.list(name).toReversed();
  const limit = countOf(query, "limit", 20);
  if (byToken) {
    const { data, next } = pageByToken(things, limit, query.get("page"));
    return jsonReply({ data, next_page: next ?? null });
  }
  const { data, hasMore, unknown } = pageById(things, limit, query.get("after_id"), query.get("before_id"));
  if (unknown !== undefined) return { kind: "bad-request", message: `Invalid cursor: ${unknown}` };
  const ends = { first_id: data[0]?.["id"] ?? null, last_id: data.at(-1)?.["id"] ?? null };
  return jsonReply({ data, has_more: hasMore, ...ends });
}

function fileOf(_: Call, _id: string, form: Form | undefined) {
  const file = form?.get("file");
  const isFile = typeof file === "object" && file !== null;
  const told = isFile ? { filename: file.name, mime_type: file.type, size_bytes: file.size } : {};
  return { ...told, downloadable: true };
}

/** Over as soon as it is made, with its results at the provider's own address. */
function batchOf({ arrival, json }: Call, id: string) {
  const requests = fieldOf(json, "requests");
  return {
    processing_status: "ended",
    request_counts: { processing: 0, succeeded: 1, errored: 0, canceled: 0, expired: 0 },
    results_url: `http://${arrival.headers["host"]}/v1/messages/batches/${id}/results`,
    expires_at: new Date(arrival.at + 86_400_000).toISOString(),
    ended_at: new Date(arrival.at).toISOString(),
    archived_at: null,
    cancel_initiated_at: null,
    requests,
  };
}

function skillOf({ form }: Call) {
  return {
    display_title: form?.get("display_title") ?? null,
    latest_version: "1759178010641129",
    source: "custom",
  };
}

function resultsOf(batch: Readonly<Record<string, unknown>>): Uint8Array {
  const requests = Array.isArray(batch["requests"]) ? batch["requests"] : [];
  const lines = requests.map((request) => ({
    custom_id: fieldOf(request, "custom_id"),
    result: { type: "canceled", batch: batch["id"] },
  }));
  return Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
}
