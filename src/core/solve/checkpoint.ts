import { fromJson, jsonOf } from "../../files/json-state.js";
import type { Saved } from "../../files/packed.js";
import { fail } from "../../tensor/error.js";
import { isHostArray } from "../../tensor/host.js";
import { describeTree } from "../../tensor/tree.js";
import type { FloatType, HostTree } from "../../tensor/types.js";
import type { Counts } from "../counts.js";
import type { Data } from "../estimators/estimator.js";
import type { AutoState } from "./auto-choice.js";
import type { BestState } from "./best.js";

/** What determines a run's numbers besides the problem and its state. */
export interface RunIdentity {
  readonly estimator: string;
  readonly outer: string;
  readonly metaBatch: number;
  readonly seed: number;
  readonly dtype: FloatType;
  readonly innerSteps: number;
}

/** The version of checkpoints that this release writes and takes. In version 1 an outer state held numbers beside arrays. */
export const checkpointVersion = 2;

/** A run between two outer steps: host arrays, numbers, lists and objects of them. */
export interface RunState {
  /** Outer steps done. */
  readonly index: number;
  readonly theta: HostTree;
  /** The state of the outer transform; made when the run starts. */
  readonly outer: HostTree;
  readonly estimator: Data;
  readonly counts: Counts;
  /** What was charged, where the budget says how; absent otherwise. */
  readonly charged?: number;
  readonly peakStates: number;
  readonly seconds: number;
  /** Mean outer loss of the last step; NaN before the first. */
  readonly loss: number;
  /** The best θ so far. */
  readonly best: BestState;
}

/** A state and the run it belongs to. Going on from it gives the same numbers as never having stopped. */
export interface Checkpoint extends RunState {
  readonly version: typeof checkpointVersion;
  /** Hash of the problem's programs. */
  readonly problem: string;
  readonly run: RunIdentity;
  /** What `auto` chose and saw, where the estimator is `auto`. */
  readonly auto?: AutoState;
}

/**
 * What `JSON.stringify` writes of a checkpoint, parsed: the checkpoint's own fields, where every array is
 * `{ "$array": { dtype, shape, base64 } }` (its bytes, little-endian), and a number that JSON does not know is `{ "$number": "NaN" }`.
 */
export interface CheckpointJson {
  readonly format: typeof checkpointFormat;
  readonly [field: string]: unknown;
}

const checkpointFormat = "ufom.checkpoint";

/** A checkpoint that `JSON.stringify` writes in that form. What makes it do so is no field of it: copies and comparisons do not see it. */
export const withJson = (checkpoint: Checkpoint): Checkpoint =>
  Object.defineProperty({ ...checkpoint }, "toJSON", {
    value: (): CheckpointJson => ({ format: checkpointFormat, ...(jsonOf(checkpoint as unknown as Saved) as object) }),
  });

/** Arrays whose typed arrays became objects or lists on their way through JSON. */
const isLostArray = (x: object): boolean => "shape" in x && "dtype" in x && "data" in x && !isHostArray(x);

/** The checkpoint that was given to go on from, in either form. @throws if it is none */
export function givenCheckpoint(who: string, given: Checkpoint | CheckpointJson): Checkpoint {
  if (typeof given !== "object" || (given as unknown) === null || !("version" in given && "theta" in given))
    return fail(
      who,
      "takes a checkpoint: run.checkpoint(), that of loadRun, or what JSON.stringify wrote of one, parsed",
      describeTree(given),
    );
  if ("format" in given) {
    const { format, ...rest } = given,
      known: unknown = checkpointFormat;
    if (format !== known) fail(who, `takes a checkpoint of the format "${checkpointFormat}"`, JSON.stringify(format));
    return withJson(fromJson(who, rest) as unknown as Checkpoint);
  }
  const look = (x: unknown, path: string): void => {
    if (typeof x !== "object" || x === null || isHostArray(x)) return;
    if (isLostArray(x))
      fail(
        who,
        "needs arrays in typed arrays, which JSON keeps of run.checkpoint() itself and not of a copy",
        `another kind of list at ${path}`,
      );
    for (const [key, child] of Object.entries(x)) look(child, path ? `${path}.${key}` : key);
  };
  for (const field of ["theta", "outer", "estimator"] as const) look(given[field], field);
  return given;
}

/** Refuses a checkpoint that is not of this problem and run. @throws UfomError naming what differs */
export function checkCheckpoint(checkpoint: Checkpoint, problem: string, run: RunIdentity): void {
  const { version } = checkpoint as { version: unknown };
  if (version !== checkpointVersion) fail("resume", `takes a checkpoint of version ${checkpointVersion}`, `version ${String(version)}`);
  const same = (key: keyof RunIdentity) => {
    if (checkpoint.run[key] !== run[key])
      fail("resume", `takes a checkpoint of a run with ${key} ${run[key]}`, `one with ${checkpoint.run[key]}`);
  };
  // Programs of another precision are others too, but that is not what should be said of them.
  same("dtype");
  if (checkpoint.problem !== problem) {
    fail(
      "resume",
      `takes a checkpoint of the same problem (${problem.slice(0, 12)})`,
      `one of another (${checkpoint.problem.slice(0, 12)})`,
    );
  }
  for (const key of Object.keys(run) as (keyof RunIdentity)[]) same(key);
}
