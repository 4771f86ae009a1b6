import { mkdir, open, rm, stat, statfs } from "node:fs/promises";
import path from "node:path";
import { moveFile } from "../../durable.js";
import { FailedError } from "../../failure.js";
import { about, fileSentence, ifAbsent, isAbsent, isFull, isSystemError } from "../../file-errors.js";
import { bytes as inUnits } from "../../report/format.js";
import { showPath } from "../../show-place.js";
import { isFile } from "../find-files.js";
import type { PublishedFile } from "../published.js";
import { difference } from "./checksum.js";
import { RemoteError, rest } from "./rest.js";

/** How a file is fetched. */
export interface Fetching {
  /** Told how many bytes are there. */
  readonly there?: (bytes: number) => void;
  readonly signal?: AbortSignal;
  /** Waits before it is tried again. */
  readonly pause?: (milliseconds: number) => Promise<void>;
}

/** How often a server that gives nothing more is asked. */
const tries = 4;
const sleep = (milliseconds: number): Promise<void> => new Promise(done => setTimeout(done, milliseconds));

const sizeOf = async (file: string): Promise<number> => (await about(file, () => stat(file)).catch(ifAbsent))?.size ?? 0;

/** The name of a file of which a part is there. */
export const partName = (file: string): string => `${file}.part`;

/** How much is kept of a file that did not come whole, to stand at the end of a sentence. */
async function kept(part: string, { bytes }: PublishedFile): Promise<string> {
  const size = await sizeOf(part);
  return size === 0 ? "" : ` (${inUnits(size)} of ${inUnits(bytes)} are kept, and the same command goes on from there)`;
}

/** @throws FailedError before anything is fetched, if there is no room for it */
async function roomFor(folder: string, needed: number): Promise<void> {
  const { bavail, bsize } = await about(folder, () => statfs(folder));
  // Some file systems do not say.
  if (bavail > 0 && bavail * bsize < needed) {
    throw new FailedError(`ufom: ${showPath(folder)} must have room for ${inUnits(needed)}; it has ${inUnits(bavail * bsize)}.`);
  }
}

/** Fetches what is not there yet, again and again as long as more comes. */
async function fetchAll(file: PublishedFile, part: string, { there = () => {}, signal, pause = sleep }: Fetching): Promise<void> {
  let [before, failures] = [await sizeOf(part), 0];
  while (before < file.bytes) {
    let reason = "the connection ended";
    let final = false;
    try {
      await rest(file, part, before, there, signal);
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      ({ message: reason, final } = error);
    }
    const now = await sizeOf(part);
    failures = now > before ? 0 : failures + 1;
    before = now;
    if (before >= file.bytes) break;
    if (final || failures >= tries) {
      throw new FailedError(
        `ufom: ${file.url} cannot be fetched: ${reason}${await kept(part, file)}; or fetch it elsewhere, and give it with --from FILE or put it in ${showPath(path.dirname(part))}.`,
      );
    }
    signal?.throwIfAborted();
    if (failures > 0) await pause(500 * 2 ** failures);
  }
}

/**
 * Fetches a published file: into a part beside it, which a later call goes on with, and under its own name when it is whole and its checksum fits.
 * @param target its path
 * @throws FailedError one sentence if it cannot be had, or is not the published one; a part that is none of it is removed
 */
export async function download(file: PublishedFile, target: string, fetching: Fetching = {}): Promise<void> {
  const part = partName(target);
  const folder = path.dirname(target);
  await mkdir(folder, { recursive: true });
  await roomFor(folder, file.bytes - (await sizeOf(part)));
  try {
    await fetchAll(file, part, fetching);
  } catch (error) {
    if (fetching.signal?.aborted)
      throw new FailedError(`ufom: ${file.name} was not fetched whole: it was stopped${await kept(part, file)}.`);
    if (isFull(error) && isSystemError(error)) {
      throw new FailedError(`${fileSentence(error).replace(/\.$/, "")}${await kept(part, file)}.`, { cause: error });
    }
    throw error;
  }
  try {
    await settle(file, part, target);
  } catch (error) {
    // Another process has fetched it meanwhile, and given it its name.
    if (!isAbsent(error) || !(await isFile(target))) throw error;
  }
}

/** A file that came whole gets its name, if it is the published one. */
async function settle(file: PublishedFile, part: string, target: string): Promise<void> {
  const wrong = await difference(part, file);
  if (wrong !== undefined) {
    await rm(part, { force: true });
    throw new FailedError(`ufom: ${file.url} must be the file as it was published; received ${wrong}, which was removed.`);
  }
  const handle = await open(part, "r+");
  try {
    await about(part, () => handle.sync());
  } finally {
    await handle.close();
  }
  await moveFile(part, target);
}
