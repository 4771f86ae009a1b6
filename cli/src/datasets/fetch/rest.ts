import { open, rm, type FileHandle } from "node:fs/promises";
import { about, isSystemError } from "../../file-errors.js";
import type { PublishedFile } from "../published.js";

/** What a server, or the way to it, did not give. */
export class RemoteError extends Error {
  override readonly name = "RemoteError";
  /** @param final whether it is of no use to ask again */
  constructor(
    message: string,
    readonly final: boolean,
  ) {
    super(message);
  }
}

/** Answers after which it may be asked again: too many requests, and errors of the server's own. */
const passing = (status: number): boolean => status === 408 || status === 429 || status >= 500;

const codes: Readonly<Record<string, string>> = {
  ENOTFOUND: "its name is not known here, as when this machine is offline",
  EAI_AGAIN: "its name is not known here, as when this machine is offline",
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was cut",
  ENETUNREACH: "there is no way to it, as when this machine is offline",
  EHOSTUNREACH: "there is no way to it, as when this machine is offline",
  ETIMEDOUT: "it does not answer",
  UND_ERR_CONNECT_TIMEOUT: "it does not answer",
  UND_ERR_HEADERS_TIMEOUT: "it does not answer",
  UND_ERR_BODY_TIMEOUT: "nothing more came",
  UND_ERR_SOCKET: "the connection was cut",
};

/** Codes that do not pass in a few seconds. */
const lasting = new Set(["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ENETUNREACH", "EHOSTUNREACH"]);

/** The code of what lies behind an error of `fetch`; of several addresses that were tried, the first's. */
function codeOf(error: unknown): string | undefined {
  for (let inner = error; inner instanceof Error;) {
    if ("code" in inner && typeof inner.code === "string" && inner.code !== "ABORT_ERR") return inner.code;
    const several: unknown = inner instanceof AggregateError ? inner.errors[0] : undefined;
    inner = several ?? inner.cause;
  }
  return undefined;
}

/** @param connected whether an answer had begun: then what has no code that is known here may pass */
function remote(error: unknown, connected: boolean): RemoteError {
  const code = codeOf(error);
  if (code !== undefined) return new RemoteError(`${codes[code] ?? "it failed"} (${code})`, lasting.has(code));
  const { cause, message } = error instanceof Error ? error : new Error(String(error));
  return new RemoteError(cause instanceof Error ? cause.message : message, !connected);
}

/** Where the bytes of an answer begin in the file; nothing if it does not say. */
const startOf = (response: Response): number | undefined => {
  const [, start] = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "") ?? [];
  return start === undefined ? undefined : Number(start);
};

async function ask(url: string, have: number, signal: AbortSignal | undefined): Promise<Response> {
  try {
    // Not packed once more on the way: then bytes could not be counted.
    const headers = { "accept-encoding": "identity", ...(have > 0 ? { range: `bytes=${have}-` } : {}) };
    return await fetch(url, { headers, ...(signal === undefined ? {} : { signal }) });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw remote(error, false);
  }
}

/** Writes bytes at their place in the file, so that two processes that fetch the same do each other no harm. */
async function writeAt(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}

/** Writes what comes behind what is there. */
async function receive(
  body: AsyncIterable<Uint8Array>,
  file: PublishedFile,
  handle: FileHandle,
  part: string,
  from: number,
  there: (bytes: number) => void,
): Promise<void> {
  let done = from;
  for await (const chunk of body) {
    if (done + chunk.length > file.bytes) {
      await about(part, () => handle.truncate(0));
      throw new RemoteError(`more came than the ${file.bytes} bytes of the published file, so that it is another`, true);
    }
    await about(part, () => writeAt(handle, chunk, done));
    done += chunk.length;
    there(done);
  }
}

/**
 * Fetches the bytes of a file behind the first `have`, which its part holds; all of them where the server does not go on from there.
 * @throws RemoteError with words to stand within a sentence; what came before is kept
 */
export async function rest(
  file: PublishedFile,
  part: string,
  have: number,
  there: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const response = await ask(file.url, have, signal);
  const { status, statusText } = response;
  const start = status === 206 ? (startOf(response) ?? NaN) : 0;
  if (status === 416 || (status === 206 && start !== have)) {
    await response.body?.cancel();
    // What is there is not the beginning of that file.
    await rm(part, { force: true });
    throw new RemoteError("the server does not go on from the part that was there, which was removed", false);
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new RemoteError(`the server answered ${`${status} ${statusText}`.trim()}`, !passing(status));
  }
  const handle = await open(part, start > 0 ? "r+" : "w");
  try {
    // Node's own kind of stream, which can be walked through.
    const body = (response.body ?? []) as unknown as AsyncIterable<Uint8Array>;
    await receive(body, file, handle, part, start, there);
  } catch (error) {
    if (error instanceof RemoteError || signal?.aborted || isSystemErrorOf(error, part)) throw error;
    throw remote(error, true);
  } finally {
    await handle.close();
  }
}

/** Whether the file system refused something; a connection that was cut has a code of the system too, and no path. */
const isSystemErrorOf = (error: unknown, part: string): boolean => isSystemError(error) && error.path === part;
