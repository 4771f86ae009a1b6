import type { BestRecord, Built, Diagnosed, RunRecord } from "./problems/problem-entry.js";
import type { Table } from "./problems/figure.js";
import { duration, short, whole, words } from "./report/format.js";
import { showPath } from "./show-place.js";
import { evaluationsOf } from "./progress.js";
import { shownFigures } from "./report/halves.js";
import { quantity } from "ufom/internal/tensor/quantity";

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
  readonly charged?: number;
  readonly preset?: string;
  readonly auto?: RunRecord["auto"];
  readonly diagnosed?: RunRecord["diagnosed"];
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
  const { options = {}, heldOut, native, workers, charged, preset, diagnosed, auto } = record;
  const found: Partial<RunJson> = {
    ...(charged === undefined ? {} : { charged }),
    ...(preset === undefined ? {} : { preset }),
    ...(auto === undefined ? {} : { auto }),
    ...(diagnosed === undefined ? {} : { diagnosed }),
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
  const figures = shownFigures(metrics ?? {}).map(([name, value]) => `${words(name)} ${value}`);
  const there = figures.length > 0 ? ` (${figures.join(", ")})` : "";
  return `Best: ${criterion} ${short(value)} after ${quantity(index, "outer step")}${there}, in ${showPath(file)}`;
}

/** What a run took, as one row. */
function costTable(record: RunRecord): Table {
  const { estimator, outerSteps, counts, charged, seconds, peakStates } = record;
  const cells: readonly (readonly [column: string, value: string])[] = [
    ["estimator", estimator],
    ["outer steps", whole(outerSteps)],
    ["inner steps", whole(counts.step)],
    ["products", whole(counts.product)],
    ["outer gradients", whole(counts.outer)],
    ["evaluations", whole(evaluationsOf(record))],
    ...(charged === undefined ? [] : [["charged", whole(charged)] as const]),
    ["time", duration(seconds)],
    ["most states held", whole(peakStates)],
  ];
  return { title: "What it took", columns: cells.map(([column]) => column), rows: [cells.map(([, value]) => value)] };
}

/** What was seen of the two gradients of UFOM, of several runs in as many rows; nothing where no run had both. */
export function diagnosedTable(runs: readonly (readonly [name: string, diagnosed: Diagnosed])[]): Table[] {
  if (runs.length === 0) return [];
  return [
    {
      title: "Seen along the way",
      columns: ["", "D²/V²", "cosine", "mean q", "steps with both"],
      rows: runs.map(([name, { ratio, cosine, probability, steps }]) => [name, ...[ratio, cosine, probability].map(short), whole(steps)]),
      note: "D² is the mean of ‖G_target − G_baseline‖², V² that of ‖G_target‖², over the steps that computed both; the cosine is the mean of theirs.",
    },
  ];
}

/** What `auto` chose, and what its diagnoses took. */
function autoTable({ auto = [], ...record }: RunRecord): Table[] {
  if (auto.length === 0) return [];
  const all = evaluationsOf(record);
  return [
    {
      title: "What auto chose",
      columns: ["after", "estimator", "evaluations of its diagnosis", "of the run"],
      rows: auto.map(({ index, estimator, counts }) => {
        const taken = evaluationsOf({ counts });
        return [quantity(index, "outer step"), estimator, whole(taken), `${short(Number(((100 * taken) / all).toPrecision(2)))} %`];
      }),
      note: auto
        .map(({ index, drift, reason }) => `${drift === undefined ? "" : `After ${quantity(index, "outer step")} ${drift}. `}${reason}`)
        .join(" "),
    },
  ];
}

/** The tables that end a run: the problem's own, or its metrics; and what it cost. */
export function runTables(built: Built, record: RunRecord): Table[] {
  const metrics = shownFigures(record.metrics);
  const own = record.outcome === "stopped" ? [] : built.tables?.(record);
  const results =
    own ?? (metrics.length > 0 ? [{ columns: ["", "value"], rows: metrics.map(([name, value]) => [words(name), value]) }] : []);
  const { estimator, diagnosed } = record;
  return [...results, costTable(record), ...autoTable(record), ...diagnosedTable(diagnosed === undefined ? [] : [[estimator, diagnosed]])];
}

/** A word, quoted for the shell if it has to be. */
const quote = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** A command line as it can be pasted into a shell. */
export const shellLine = (parts: readonly string[]): string => parts.map(quote).join(" ");
