import type { Call } from "./call.ts";
import type { AnswerMaterial } from "./dialect.ts";
import { newId } from "./text.ts";

/** A kind of thing, as https://platform.openai.com/docs/api-reference has it. */
export interface Kind {
  readonly object: string;
  readonly prefix: string;
  /** What is said of one that is not there; `$` stands for its id. */
  readonly missing: string;
  readonly oldestFirst?: boolean;
  /** Fields of a new one, beside those that the request gives. */
  readonly fields?: (material: AnswerMaterial, call: Call) => Readonly<Record<string, unknown>>;
}

export const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ["files", { object: "file", prefix: "file-", missing: "No such File object: $" }],
  ["uploads", { object: "upload", prefix: "upload_", missing: "No such Upload object: $" }],
  [
    "batches",
    { object: "batch", prefix: "batch_", missing: "No batch found with id '$'.", fields: outputFile },
  ],
  ["responses", { object: "response", prefix: "resp_", missing: "Response with id '$' not found." }],
  [
    "conversations",
    { object: "conversation", prefix: "conv_", missing: "Conversation with id '$' not found." },
  ],
  ["assistants", { object: "assistant", prefix: "asst_", missing: "No assistant found with id '$'." }],
  ["threads", { object: "thread", prefix: "thread_", missing: "No thread found with id '$'." }],
  [
    "vector_stores",
    { object: "vector_store", prefix: "vs_", missing: "Vector store with id '$' not found." },
  ],
  ["containers", { object: "container", prefix: "cntr_", missing: "Container with id '$' not found." }],
  [
    "fine_tuning/jobs",
    { object: "fine_tuning.job", prefix: "ftjob-", missing: "Could not find fine tune: $" },
  ],
  ["evals", { object: "eval", prefix: "eval_", missing: "Eval with id '$' not found.", oldestFirst: true }],
  ["videos", { object: "video", prefix: "video_", missing: "Video with id '$' not found." }],
  ["skills", { object: "skill", prefix: "skill_", missing: "Skill with id '$' not found." }],
  [
    "chat/completions",
    {
      object: "chat.completion",
      prefix: "chatcmpl-",
      missing: "Completion with id '$' not found.",
      oldestFirst: true,
    },
  ],
]);

/** What is made within another thing, by the end of its path. */
export const NESTED: ReadonlyMap<string, Omit<Kind, "missing">> = new Map([
  ["vector_stores/files", { object: "vector_store.file", prefix: "" }],
  ["vector_stores/file_batches", { object: "vector_store.file_batch", prefix: "vsfb_" }],
  ["threads/messages", { object: "thread.message", prefix: "msg_" }],
  ["threads/runs", { object: "thread.run", prefix: "run_" }],
  ["conversations/items", { object: "message", prefix: "msg_" }],
  ["containers/files", { object: "container.file", prefix: "cfile_" }],
  ["evals/runs", { object: "eval.run", prefix: "evalrun_" }],
  ["uploads/parts", { object: "upload.part", prefix: "part_" }],
]);

/** A batch is over as soon as it is made, and has its results in a file of the same account. */
function outputFile(material: AnswerMaterial, call: Call): Readonly<Record<string, unknown>> {
  const id = newId("file-");
  const created_at = Math.floor(call.arrival.at / 1_000);
  const json = {
    id,
    object: "file",
    purpose: "batch_output",
    filename: "output.jsonl",
    bytes: 2,
    created_at,
  };
  material.commit(() => material.account.put("files", id, { json, content: Buffer.from("{}") }));
  return { status: "completed", output_file_id: id };
}
