import type { BestRecord, Built, RunRecord } from "./problems/problem-entry.js";
import type { Table } from "./problems/figure.js";
import { duration, short, whole, words } from "./report/format.js";
import { showPath } from "./show-place.js";
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
  readonly workers?: number;
  readonly metrics: RunRecord["metrics"];
  readonly best?: Omit<BestRecord, "theta">;
  readonly warning?: string;
  readonly outer: string;
  readonly folder: string;
  readonly options?: RunRecord["options"];
  readonly heldOut?: RunRecord["heldOut"];
  readonly native?: RunRecord["native"];
}

export function runJson(record: RunRecord, outer: string, folder: string): RunJson {
  const { problem, estimator, seed, outcome, message, outerSteps, seconds, counts, peakStates, metrics, best, warning } = record;
  const { options = {}, heldOut, native, workers } = record;
  const found: Pick<RunJson, "best" | "warning" | "heldOut" | "native" | "workers"> = {
    ...(best === undefined ? {} : { best: withoutTheta(best) }),
    ...(warning === undefined ? {} : { warning }),
    ...(heldOut === undefined ? {} : { heldOut }),
    ...(native === undefined ? {} : { native }),
    ...(workers === undefined ? {} : { workers }),
  };
  const all = { problem, estimator, seed, outcome, message, outerSteps, seconds, counts, peakStates, metrics, outer, folder, options };
  return { ...all, ...found };
}

const withoutTheta = ({ theta: _, ...rest }: BestRecord): Omit<BestRecord, "theta"> => rest;

/** `Best: outer loss 0.047 after 57 outer steps, in runs/toy/best.safetensors`. */
export function bestLine({ criterion, value, index, metrics }: BestRecord, file: string): string {
  const figures = Object.entries(metrics ?? {}).map(([name, x]) => `${words(name)} ${short(x)}`);
  const there = figures.length > 0 ? ` (${figures.join(", ")})` : "";
  return `Best: ${criterion} ${short(value)} after ${whole(index)} outer steps${there}, in ${showPath(file)}`;
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
