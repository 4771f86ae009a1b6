import path from "node:path";
import { readState } from "ufom/internal/files/saved-state";
import { oneLine } from "ufom/internal/tensor/error";
import { checkpointOf, type Checkpoint } from "./engine.js";
import { UsageError } from "./failure.js";
import { readIfThere } from "./file-errors.js";
import type { BestTheta } from "./problems/problem-entry.js";
import { showPath } from "./show-place.js";

/** Files of a run's folder besides config.json, result.json and report.html. */
export const runFiles = {
  metrics: "metrics.jsonl",
  checkpoint: "checkpoint.safetensors",
  previous: "checkpoint.previous.safetensors",
  best: "best.safetensors",
} as const;

/** The settings in a run's folder. @throws UsageError if it is not a run's folder */
export async function readConfig(folder: string, who = "--resume"): Promise<unknown> {
  const file = path.join(folder, "config.json");
  const text = (await readIfThere(file))?.toString("utf8");
  if (text === undefined) throw new UsageError(`ufom: ${who} needs the folder of a run (with config.json); ${folder} is not one.`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`ufom: ${showPath(file)} must be JSON; ${oneLine((error as Error).message)}.`, { cause: error });
  }
}

/** A saved state, or why there is none in a file. */
type Found = { readonly state: Checkpoint } | { readonly why: string };

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function find(file: string): Promise<Found | undefined> {
  const bytes = await readIfThere(file);
  if (bytes === undefined) return undefined;
  const shown = showPath(file);
  try {
    return { state: checkpointOf(readState(bytes, shown), shown) };
  } catch (error) {
    return { why: messageOf(error) };
  }
}

/** The state that a run goes on from. */
export interface FoundState {
  readonly state: Checkpoint;
  /** Whether it is in checkpoint.safetensors, which then must not be lost when the next is written. */
  readonly newest: boolean;
}

/**
 * The last saved state of a run: the newest, or the one before if that is damaged or not there, which is told.
 * @param who needs it, as a refusal says
 * @throws UsageError if neither is whole
 */
export async function readCheckpoint(folder: string, say: (text: string) => void, who = "--resume"): Promise<FoundState> {
  const [newest, previous] = [path.join(folder, runFiles.checkpoint), path.join(folder, runFiles.previous)];
  const found = await find(newest);
  if (found !== undefined && "state" in found) return { state: found.state, newest: true };
  const older = await find(previous);
  if (older !== undefined && "state" in older) {
    const why = found === undefined ? `ufom: ${showPath(newest)} is not there.` : found.why;
    say(
      `${why} ${who === "--resume" ? "The run goes on from" : "It takes"} the state before, that of outer step ${older.state.index} (${showPath(previous)}).`,
    );
    return { state: older.state, newest: false };
  }
  const whys = [found, older].flatMap(one => (one !== undefined && "why" in one ? [one.why] : []));
  if (whys.length === 0) throw new UsageError(`ufom: ${who} needs the state of a run; there is no ${showPath(newest)}.`);
  const both = older === undefined ? "There is no state before it." : "The state before it is damaged too.";
  throw new UsageError(`${whys[0]} ${both}`);
}

/** What best.safetensors holds; nothing if it is not there, or damaged, which is told. */
export async function readBest(folder: string, say: (text: string) => void): Promise<BestTheta | undefined> {
  const file = path.join(folder, runFiles.best);
  const bytes = await readIfThere(file);
  if (bytes === undefined) return undefined;
  try {
    return readState(bytes, showPath(file)) as unknown as BestTheta;
  } catch (error) {
    say(`${messageOf(error)} The best θ is looked for anew.`);
    return undefined;
  }
}
