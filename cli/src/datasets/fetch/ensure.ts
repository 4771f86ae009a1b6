import { stat } from "node:fs/promises";
import path from "node:path";
import { UsageError } from "../../failure.js";
import { about } from "../../file-errors.js";
import { showPath } from "../../show-place.js";
import { findFile } from "../find-files.js";
import { dataFolder } from "../places.js";
import type { PublishedFile } from "../published.js";
import { difference, sha256Of, type Known } from "./checksum.js";
import { download } from "./download.js";
import { watchFile } from "./progress.js";

/** A file that is there and is as it was published. */
export interface CheckedFile {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** A published file on this machine, as it is or unpacked. */
export interface Present {
  readonly file: string;
  readonly known: Known;
}

/** @param folder the name of the folder of the set, in that of all data */
export async function present(folder: string, published: PublishedFile): Promise<Present | undefined> {
  for (const known of published.unpacked === undefined ? [published] : [published, published.unpacked]) {
    const file = await findFile(folder, known.name);
    if (file !== undefined) return { file, known };
  }
  return undefined;
}

/** Where a file is fetched from: $UFOM_MIRROR, a folder of all the files by their names, in place of where it was published. */
function source(file: PublishedFile, mirror = process.env.UFOM_MIRROR ?? ""): PublishedFile {
  if (mirror === "") return file;
  if (!/^https?:\/\//.test(mirror)) {
    throw new UsageError(`ufom: UFOM_MIRROR must be an address that begins with http:// or https://; received ${JSON.stringify(mirror)}.`);
  }
  return { ...file, url: `${mirror.replace(/\/$/, "")}/${file.name}` };
}

/** Fetches the files of a set that are not there. */
export async function fetchMissing(folder: string, files: readonly PublishedFile[], signal?: AbortSignal): Promise<void> {
  for (const file of files) {
    if ((await present(folder, file)) !== undefined) continue;
    const watch = await watchFile(file.name, file.bytes);
    try {
      await download(source(file), path.join(dataFolder(), folder, file.name), {
        there: done => watch.there(done),
        ...(signal === undefined ? {} : { signal }),
      });
    } finally {
      watch.end();
    }
  }
}

/**
 * The files of a set that are there, each compared with the published one.
 * @throws UsageError one sentence if one is another
 */
export async function checkPresent(folder: string, files: readonly PublishedFile[]): Promise<readonly CheckedFile[]> {
  const checked: CheckedFile[] = [];
  for (const published of files) {
    const found = await present(folder, published);
    if (found === undefined) continue;
    const { file, known } = found;
    const wrong = await difference(file, known);
    if (wrong !== undefined) {
      throw new UsageError(`ufom: ${showPath(file)} must be the file as it was published; received ${wrong}: remove it to fetch it anew.`);
    }
    const { size } = await about(file, () => stat(file));
    checked.push({ file: path.basename(file), bytes: size, sha256: await sha256Of(file) });
  }
  return checked;
}
