import { createReadStream, createWriteStream } from "node:fs";
import { open, rm, truncate, type FileHandle } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { moveFile, nextName } from "./durable.js";
import { about, isAbsent } from "./file-errors.js";
import type { StepRecord } from "./problems/problem-entry.js";

/** No line of ours is longer; a damaged file may be one line of gigabytes. */
const longest = 1_000_000;

/** A number of metrics.jsonl: null there stands for a number that was not finite. */
const finite = (x: number | null | undefined): number => x ?? NaN;

/** A line as a step; nothing if it is damaged. */
function parseStep(line: Buffer): StepRecord | undefined {
  let step: Partial<StepRecord> | null;
  try {
    step = JSON.parse(line.toString("utf8")) as Partial<StepRecord> | null;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const isNumber = (x: unknown) => typeof x === "number" || x === null;
  const { index, loss, gradientNorm, counts } = step ?? {};
  const whole = Number.isSafeInteger(index) && isNumber(loss) && isNumber(gradientNorm) && isNumber(counts?.step);
  if (!whole) return undefined;
  const { moments, tail, ...rest } = step as StepRecord;
  return {
    ...rest,
    loss: finite(loss),
    gradientNorm: finite(gradientNorm),
    ...(moments === undefined
      ? {}
      : {
          moments: {
            ...moments,
            difference: finite(moments.difference),
            target: finite(moments.target),
            cosine: finite(moments.cosine),
          },
        }),
    ...(tail === undefined ? {} : { tail: { ...tail, norm: finite(tail.norm), growth: finite(tail.growth) } }),
  };
}

/** A line of a file, without its end; `undefined` for one that is too long to be ours. The last one counts only if it is ended. */
interface Line {
  readonly bytes: Buffer | undefined;
  /** Where the next line begins. */
  readonly end: number;
}

/** The lines of a file one after another, of which one at a time is in memory; none if there is no file. */
async function* linesOf(file: string): AsyncGenerator<Line> {
  let pieces: Buffer[] = [];
  let size = 0;
  let end = 0;
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      let from = 0;
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
        pieces.push(chunk.subarray(from, at));
        size += at - from;
        end += size + 1;
        yield { bytes: size > longest ? undefined : Buffer.concat(pieces), end };
        [pieces, size, from] = [[], 0, at + 1];
      }
      size += chunk.length - from;
      if (size <= longest) pieces.push(chunk.subarray(from));
      else pieces = [];
    }
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}

/** What was found in metrics.jsonl of the steps up to a checkpoint. */
export interface FoundMetrics {
  /** Whole lines of these steps. */
  readonly found: number;
  /** Where the last of them ends, if nothing else stands before that. */
  readonly end: number | undefined;
}

/** The whole lines of the steps up to `index`, in order. */
async function* goodLines(file: string, index: number): AsyncGenerator<Line & { readonly step: StepRecord }> {
  let last = 0;
  for await (const line of linesOf(file)) {
    const step = line.bytes === undefined ? undefined : parseStep(line.bytes);
    if (step === undefined || step.index <= last || step.index > index) continue;
    last = step.index;
    yield { ...line, step };
  }
}

/**
 * Reads the steps up to a checkpoint, line by line. Lines that are damaged or missing are passed over.
 * @param see called with every step
 */
export async function readMetrics(file: string, index: number, see: (step: StepRecord) => void): Promise<FoundMetrics> {
  let found = 0;
  let end = 0;
  let gapless = true;
  for await (const { bytes, end: next, step } of goodLines(file, index)) {
    see(step);
    found++;
    gapless &&= next === end + bytes!.length + 1;
    end = next;
  }
  return { found, end: gapless ? end : undefined };
}

/** metrics.jsonl, open to be written at its end. */
export class MetricsFile {
  private constructor(
    readonly file: string,
    private readonly handle: FileHandle,
    private size: number,
  ) {}

  /** Makes the file of a new run. */
  static async create(file: string): Promise<MetricsFile> {
    return new MetricsFile(file, await open(file, "w"), 0);
  }

  /** Opens the file of an earlier run, cut back to the whole lines up to a checkpoint. */
  static async reopen(file: string, index: number, { found, end }: FoundMetrics): Promise<MetricsFile> {
    if (found === 0) return MetricsFile.create(file);
    if (end === undefined) await MetricsFile.#copyGood(file, index);
    else await truncate(file, end);
    const handle = await open(file, "r+");
    return new MetricsFile(file, handle, (await handle.stat()).size);
  }

  static async #copyGood(file: string, index: number): Promise<void> {
    const next = nextName(file);
    const good = async function* () {
      for await (const { bytes } of goodLines(file, index)) yield Buffer.concat([bytes!, Buffer.of(10)]);
    };
    try {
      await about(next, () => pipeline(good, createWriteStream(next, { flush: true })));
    } catch (error) {
      await rm(next, { force: true });
      throw error;
    }
    await moveFile(next, file);
  }

  /** Adds lines at the end. If that fails, on a full disk, the same may be tried again: it begins at the same place. */
  async append(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    await about(this.file, async () => {
      let written = 0;
      while (written < bytes.length)
        written += (await this.handle.write(bytes, written, bytes.length - written, this.size + written)).bytesWritten;
    });
    this.size += bytes.length;
  }

  /** Puts what was written on the disk. */
  async sync(): Promise<void> {
    await about(this.file, () => this.handle.sync());
  }

  /** Closes the file, without what could only be written in part. */
  async close(): Promise<void> {
    await about(this.file, async () => {
      await this.handle.truncate(this.size);
      await this.handle.close();
    });
  }
}
