import path from "node:path";
import type { Built, RunRecord } from "./problems/problem-entry.js";
import type { Table } from "./problems/figure.js";
import { duration, short, whole, words } from "./report/format.js";
import { evaluationsOf } from "./progress.js";

/** The JSON of a run: what result.json holds and `--json` prints. */
export interface RunJson {
  readonly problem: string;
  readonly estimator: string;
  readonly seed: number;
  readonly outcome: RunRecord["outcome"];
  readonly message: string;
  readonly outerSteps: number;
  readonly seconds: number;
  readonly counts: RunRecord["counts"];
  readonly peakStates: number;
  readonly metrics: RunRecord["metrics"];
  readonly outer: string;
  readonly folder: string;
  readonly options?: RunRecord["options"];
  readonly heldOut?: RunRecord["heldOut"];
}

export function runJson(record: RunRecord, outer: string, folder: string): RunJson {
  const { problem, estimator, seed, outcome, message, outerSteps, seconds, counts, peakStates, metrics, options = {}, heldOut } = record;
  const all = { problem, estimator, seed, outcome, message, outerSteps, seconds, counts, peakStates, metrics, outer, folder, options };
  return heldOut === undefined ? all : { ...all, heldOut };
}

/** What a run took, as one row under these columns. */
export const costColumns = [
  "outer steps",
  "inner steps",
  "products",
  "outer gradients",
  "evaluations",
  "time",
  "most states held",
] as const;

export function costRow(record: RunRecord): string[] {
  const { outerSteps, counts, seconds, peakStates } = record;
  const numbers = [outerSteps, counts.step, counts.product, counts.outer, evaluationsOf(record)];
  return [...numbers.map(whole), duration(seconds), whole(peakStates)];
}

/** The tables that end a run: the problem's own, or its metrics; and what it cost. */
export function runTables(built: Built, record: RunRecord): Table[] {
  const metrics = Object.entries(record.metrics);
  const own = record.outcome === "stopped" ? [] : built.tables?.(record);
  const results =
    own ?? (metrics.length > 0 ? [{ columns: ["", "value"], rows: metrics.map(([name, x]) => [words(name), short(x)]) }] : []);
  const cost: Table = { title: "What it took", columns: ["estimator", ...costColumns], rows: [[record.estimator, ...costRow(record)]] };
  return [...results, cost];
}

/** A word, quoted for the shell if it has to be. */
const quote = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** A command line as it can be pasted into a shell. */
export const shellLine = (parts: readonly string[]): string => parts.map(quote).join(" ");

/** A path for messages: relative to the working directory if it lies below it, absolute otherwise. */
export function showPath(file: string, cwd = process.cwd()): string {
  const relative = path.relative(cwd, file);
  return relative === "" ? "." : relative.startsWith("..") ? path.resolve(file) : relative;
}
