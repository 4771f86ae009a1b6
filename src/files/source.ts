import { fail } from "../tensor/error.js";
import { describeTree } from "../tensor/tree.js";
import { readPath } from "./disk.js";

/** Where bytes come from: bytes, a Blob or File, a Response of `fetch`, or a path on disk (a text or a `file:` URL) where there is one. */
export type Source = string | URL | ArrayBuffer | ArrayBufferView | Blob | Response;

/** Bytes, and what they are called in messages. */
export interface Content {
  readonly bytes: Uint8Array;
  readonly name: string;
}

const isBuffer = (x: unknown): x is ArrayBuffer => Object.prototype.toString.call(x) === "[object ArrayBuffer]";

/** Whether something has a method `arrayBuffer`, as blobs and responses do. */
const givesBytes = (x: unknown): x is Blob | Response =>
  typeof x === "object" && x !== null && "arrayBuffer" in x && typeof x.arrayBuffer === "function";

/**
 * The bytes of a source.
 * @param name what bytes without a name of their own are called
 * @throws one sentence if it is none, or cannot be read
 */
export async function contentOf(who: string, source: Source | PromiseLike<Source>, name: string): Promise<Content> {
  const given = await source;
  if (typeof given === "string" || (given instanceof URL && given.protocol === "file:"))
    return { bytes: await readPath(who, given), name: String(given) };
  if (ArrayBuffer.isView(given)) return { bytes: new Uint8Array(given.buffer, given.byteOffset, given.byteLength), name };
  if (isBuffer(given)) return { bytes: new Uint8Array(given), name };
  if (!givesBytes(given))
    return fail(
      who,
      "takes bytes, a Blob, a Response or a path",
      given instanceof URL ? `the address ${given.href}: fetch it first` : describeTree(given),
    );
  if ("ok" in given && !given.ok) fail(who, "needs a response that is ok", `${given.status} of ${given.url}`);
  const own = "url" in given ? given.url : "name" in given ? String(given.name) : "";
  return { bytes: new Uint8Array(await given.arrayBuffer()), name: own || name };
}
