import type { Counts } from "../core/counts.js";
import type { Checkpoint } from "../core/solve/checkpoint.js";
import type { Outcome, SolveResult, SolveStep } from "../core/solve/result.js";
import { fail, oneLine } from "../tensor/error.js";

/** An outer step as metrics.jsonl has it. A loss or norm that was not finite is NaN. */
export interface SavedStep extends Omit<SolveStep, "exactDraws"> {
  readonly exactDraws?: number;
  /** The problem's own figures after this step, where the command took them. */
  readonly tracked?: Readonly<Record<string, number>>;
}

/** How a run ended, as result.json has it. Figures that were not finite are NaN. */
export interface RunRecord {
  readonly problem: string;
  readonly estimator: string;
  readonly seed: number;
  readonly outcome: Outcome;
  readonly message: string;
  readonly outerSteps: number;
  readonly seconds: number;
  readonly counts: Counts;
  readonly peakStates: number;
  /** The problem's own figures, or the last loss. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly outer: string;
  /** Where it was written. */
  readonly folder?: string;
}

/** What the text files of a run are made of. */
interface Contents {
  readonly checkpoint: Checkpoint;
  readonly problem: string | undefined;
  readonly outer: string | undefined;
  readonly metrics: Iterable<SolveStep> | undefined;
  readonly result: SolveResult<unknown> | undefined;
  readonly folder: string | undefined;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const toJson = (x: unknown): Uint8Array => encode(`${JSON.stringify(x, null, 2)}\n`);

/** config.json, metrics.jsonl and result.json of a run. */
export function runFiles({ checkpoint, problem, outer = checkpoint.run.outer, metrics, result, folder }: Contents) {
  const { estimator, metaBatch, seed, dtype, innerSteps } = checkpoint.run,
    { index } = checkpoint,
    settings = {
      problem,
      options: {},
      estimator,
      outer,
      outerSteps: index,
      innerSteps,
      metaBatch,
      seed,
      dtype,
      executor: "auto",
      budget: {},
    };
  const { outcome, message, outerSteps, seconds, counts, peakStates, loss } = result ?? ({} as Partial<SolveResult>);
  const record = { problem: problem ?? "problem", estimator, seed, outcome, message, outerSteps, seconds, counts, peakStates };
  return {
    config: toJson({ version: 1, settings }),
    metrics: metrics && encode(Array.from(metrics, step => `${JSON.stringify(step)}\n`).join("")),
    result: result && toJson({ ...record, metrics: { loss }, outer, folder }),
  };
}

/** An object of JSON. @throws one sentence if it is none */
export function parseJson(name: string, bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    return fail(name, "must be JSON", oneLine((error as Error).message));
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return fail(name, "must hold an object", JSON.stringify(value));
  return value as Record<string, unknown>;
}

/** JSON has null for what was not finite. */
const finite = (x: unknown): number => (typeof x === "number" ? x : NaN);
const figures = (x: unknown): Record<string, number> =>
  Object.fromEntries(Object.entries(x ?? {}).map(([name, figure]) => [name, finite(figure)]));

/** result.json. @throws one sentence if it is not JSON */
export function parseResult(name: string, bytes: Uint8Array): RunRecord {
  const result = parseJson(name, bytes);
  return { ...result, metrics: figures(result.metrics) } as unknown as RunRecord;
}

/** metrics.jsonl, line by line, as the whole may be longer than a text can be. @throws one sentence that names the line which is not JSON */
export function parseSteps(name: string, bytes: Uint8Array): SavedStep[] {
  const steps: SavedStep[] = [],
    newline = 10;
  for (let from = 0, line = 1; from < bytes.length; line++) {
    const end = bytes.indexOf(newline, from);
    // A run that is killed while it writes leaves a line without an end.
    if (end < 0) break;
    const { loss, gradientNorm, tracked, ...step } = parseJson(`line ${line} of ${name}`, bytes.subarray(from, end));
    steps.push({
      ...step,
      loss: finite(loss),
      gradientNorm: finite(gradientNorm),
      ...(tracked === undefined ? {} : { tracked: figures(tracked) }),
    } as SavedStep);
    from = end + 1;
  }
  return steps;
}
