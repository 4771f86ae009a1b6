import { fail } from "../../tensor/error.js";
import { carriesItsType, checkHostArray, isHostArray } from "../../tensor/host.js";
import { checkOptions } from "../../tensor/options.js";
import { describeTree, isBranch, paths } from "../../tensor/tree.js";
import { typesOf } from "../../tensor/trace.js";
import type { FloatType, HostArray, HostTree, TreeOf } from "../../tensor/types.js";
import type { Value } from "../../tensor/value.js";
import type { Notes } from "./check.js";
import { checkDefinition } from "./check.js";
import { numberAt, tasksOf } from "./listed.js";
import type { HostedTree } from "./sampled.js";
import { isSampled, Sampler } from "./sampled.js";
import type { AnySpec, Example, ProblemSpec } from "./spec.js";
import { innerKeys, specKeys } from "./spec.js";
import { flattenLike } from "../trees/host-leaves.js";
import { checkOptimizer } from "./optimizer-at.js";
import { ProblemPrograms } from "./programs.js";
import { copyTree, Snapshots } from "../trees/snapshots.js";
import { stream, type Random } from "../random/index.js";
import { rememberDefinition, within } from "./where.js";

const brand = Symbol.for("ufom.problem");

/** A bi-level problem, checked; made by {@link defineProblem}. */
export interface Problem<TH = HostTree, TK = HostTree, P = unknown> {
  readonly [brand]: true;
  /** Only a type: what φ is on the host. */
  readonly phi?: P;
  readonly name: string;
  /** The number of inner steps r. */
  readonly steps: number;
  /** What its definition does that may not be meant, a sentence each: leaves of θ without a gradient, float64 data; known once a task is there. */
  notes(dtype?: FloatType): readonly string[];
  /** The largest r that can be asked for instead: as many as a list of step sizes has, otherwise no limit. */
  readonly maxSteps: number;
  /** θ₀ of a seed. */
  theta(seed: number): TH;
  /** The task of outer step `step` and place `index` in its meta-batch. */
  task(seed: number, step: number, index: number): Promise<TK>;
  /**
   * The same, at once where the problem's own draw answers at once. The tree is not to be changed: where the same numbers were drawn before, in
   * the same arrays, it is the same.
   */
  draw(seed: number, step: number, index: number): TK | Promise<TK>;
  /** How many tasks there are, where they are a numbered list. */
  readonly tasks?: number;
  /** Whether `solve` goes on from the φ that it left. */
  readonly carry: boolean;
  /** How a program draws tasks, if it does. */
  readonly sampler?: Sampler;
  /** The problem's programs for an example's shapes, traced when they are first asked for. */
  programs(example: Example, dtype: FloatType): ProblemPrograms;
}

/** Checks a number of inner steps and returns it. @throws if it is not a whole number, negative, or more than the problem has step sizes for */
export function checkSteps({ maxSteps }: Pick<Problem, "maxSteps">, r: number): number {
  if (!Number.isInteger(r) || r < 0) fail("the number of inner steps", "must be a whole number of at least 0", `${r}`);
  if (r > maxSteps) fail("the number of inner steps", `must be at most ${maxSteps}, as many as inner.rate lists`, `${r}`);
  return r;
}

/** Checks a precision and returns it. @throws if it is neither float32 nor float64 */
export function checkPrecision(dtype: FloatType): FloatType {
  return dtype === "float32" || dtype === "float64" ? dtype : fail("dtype", "must be float32 or float64", JSON.stringify(dtype));
}

/**
 * Whether something is a problem, also one that another copy of ufom made.
 *
 * @example
 * isProblem({ theta: 1 }); // false
 */
export const isProblem = (x: unknown): x is Problem => typeof x === "object" && x !== null && brand in x;

/** Checks that something is a problem. @throws if it is not */
export function checkProblem(who: string, x: unknown): void {
  if (!isProblem(x)) fail(who, "takes a problem that defineProblem made", describeTree(x));
}

function checkSpec(spec: AnySpec): void {
  const refuse = (rule: string, received: unknown) => fail("defineProblem", rule, describeTree(received));
  if (typeof spec !== "object" || spec === null) refuse("takes an object with theta, task, init, inner and outer", spec);
  checkOptions("defineProblem", spec as object, specKeys, "the keys");
  for (const key of ["theta", "task", "init", "outer"] as const)
    if (typeof spec[key] !== "function" && !(key === "task" && (isSampled(spec[key]) || tasksOf(spec[key]))))
      refuse(`needs ${key} to be a function`, spec[key]);
  const { inner } = spec as { inner?: Partial<AnySpec["inner"]> };
  if (typeof inner !== "object" || inner === null)
    return refuse("needs inner: { loss, rate, steps }, { loss, optimizer, steps } or { state, step, steps }", inner);
  checkOptions("inner", inner as object, innerKeys, "the keys");
  if (!Number.isInteger(inner.steps) || (inner.steps as number) < 0)
    refuse("needs inner.steps to be a whole number of at least 0", inner.steps);
  if (inner.carry !== undefined && typeof inner.carry !== "boolean") refuse("needs inner.carry to be true or false", inner.carry);
  if (inner.sweptClip !== undefined && !isPositive(inner.sweptClip))
    refuse("needs inner.sweptClip to be a finite number above 0", inner.sweptClip);
  if (typeof inner.step === "function") {
    if (inner.loss !== undefined || inner.rate !== undefined || inner.optimizer !== undefined)
      refuse("takes inner.loss with inner.rate or inner.optimizer, or inner.step with inner.state, not both", inner);
    if (typeof inner.state !== "function") refuse("needs inner.state beside inner.step (return {} for none)", inner.state);
    return;
  }
  if (typeof inner.loss !== "function") refuse("needs inner.loss or inner.step to be a function", inner);
  if (inner.state !== undefined)
    refuse("takes inner.loss with inner.rate or inner.optimizer, or inner.step with inner.state, not both", inner);
  if (inner.optimizer === undefined) return checkRate(inner.rate, inner.steps as number);
  if (inner.rate !== undefined) refuse("takes inner.rate or inner.optimizer, which has a rate of its own, not both", inner);
  if (typeof inner.optimizer !== "function") checkOptimizer("inner.optimizer", "must be", inner.optimizer);
}

const isPositive = (x: unknown): boolean => typeof x === "number" && x > 0 && Number.isFinite(x);

function checkRate(rate: unknown, steps: number): void {
  if (typeof rate === "function" || isPositive(rate)) return;
  if (!Array.isArray(rate) || !rate.every(isPositive))
    fail(
      "defineProblem",
      "needs inner.rate to be a positive number, one positive number a step, or a function of θ and the step",
      describeTree(rate),
    );
  if (rate.length < steps) fail("defineProblem", `needs an inner.rate for each of the ${steps} inner steps`, `${rate.length}`);
}

/** What is to be told of a sweep that is clipped. */
const notesOnClip = ({ inner: { sweptClip } }: AnySpec): readonly string[] =>
  sweptClip === undefined
    ? []
    : [
        `inner.sweptClip keeps each number of u within ±${sweptClip} on the way back: exact gradients, and what UFOM is unbiased for, are those of the clipped sweep, no gradient of M.`,
      ];

const isHostTree = (tree: unknown): boolean =>
  isHostArray(tree) ? carriesItsType(tree) : isBranch(tree) && Object.values(tree).every(isHostTree);

/** The tree itself. @throws if it is not one of host arrays whose numbers are of their dtype's class and as many as their shape has */
export function hostTree<T>(who: string, tree: T, must = "must return"): T {
  if (isHostTree(tree)) return tree;
  for (const [path, leaf] of paths(who, tree)) {
    if (!isHostArray(leaf)) fail(who, `${must} host arrays (zeros, full, f32, f64, i32)${path ? ` at ${path}` : ""}`, describeTree(leaf));
    checkHostArray(who, leaf, path);
  }
  return tree;
}

/** Checks that every leaf of θ is floating point, since θ is differentiated, and returns θ. */
function floats<T>(theta: T): T {
  const odd = paths("theta", theta).find(([, leaf]) => leaf.dtype !== "float32" && leaf.dtype !== "float64");
  if (odd)
    fail(
      "theta",
      `must return floating point arrays${odd[0] ? ` at ${odd[0]}` : ""} (what does not change belongs to the task)`,
      describeTree(odd[1]),
    );
  return theta;
}

/**
 * Defines a bi-level problem and checks it: the functions are traced once, with the shapes of θ₀ and of one task.
 *
 * @example
 * const problem = defineProblem({
 *   theta: () => f32([3]),
 *   task: random => random.normal([1]),
 *   init: theta => theta,
 *   inner: { loss: (_, phi, task) => np.square(phi.sub(task)).sum(), rate: 0.1, steps: 2 },
 *   outer: (_, phi, task) => np.square(phi.sub(task)).sum(),
 * });
 * problem.steps; // 2
 *
 * @param spec θ₀, a task's draw, V, the inner loop and L_out; see {@link ProblemSpec}
 * @throws UfomError a sentence, where a tree, a shape or a loss is not what it must be
 */
export function defineProblem<TH extends TreeOf<HostArray, TH>, TK extends TreeOf<HostArray, TK>, Φ, S = Value[]>(
  spec: ProblemSpec<TH, TK, Φ, S>,
): Problem<TH, TK, HostedTree<Φ>> {
  const any = spec as unknown as AnySpec;
  rememberDefinition(any);
  within(any, "defineProblem", () => checkSpec(any));
  let types: unknown;
  const snapshots = new Snapshots("task"),
    // Trees that were looked at: what is returned again need not be looked at again.
    checked = new WeakSet<object>();
  const likeTheFirst = (returned: TK): TK => {
    const task = snapshots.take(hostTree("task", returned)) as TK & object;
    if (checked.has(task)) return task;
    if (types === undefined) types = typesOf(task);
    else flattenLike("every task", types, task);
    checked.add(task);
    return task;
  };
  const theta = (seed: number) => {
    const random = stream(seed, "theta");
    return within(any, "theta", () => copyTree(floats(hostTree("theta", spec.theta(random))) as HostTree) as TH);
  };
  const { task: given } = spec,
    sampler = isSampled(given) ? new Sampler(given) : undefined,
    list = tasksOf<TK>(given);
  // A list is taken as it is now: what is drawn from it need not be looked at again.
  const listedTasks = list && within(any, "task", () => list.map(likeTheFirst));
  const draw = (seed: number, step: number, index: number): TK | Promise<TK> => {
    if (listedTasks) return listedTasks[numberAt(listedTasks.length, step, index)];
    return within(any, "task", () => {
      if (sampler) return likeTheFirst(sampler.task(seed, step, index) as TK);
      const task = (given as (random: Random) => TK | Promise<TK>)(stream(seed, "task", step, index));
      return task instanceof Promise ? task.then(likeTheFirst) : likeTheFirst(task);
    });
  };
  const first = draw(0, 1, 0);
  // A task that is fetched comes too late for the definition: it is checked when it is first used, and what fails then is told then.
  let told: Notes = { always: [], float32: [] };
  const check = (task: TK) => {
    told = checkDefinition(any, { theta: theta(0), task });
  };
  if (first instanceof Promise) first.then(check).catch(() => undefined);
  else check(first);
  return {
    [brand]: true,
    name: spec.name ?? "problem",
    steps: spec.inner.steps,
    notes: (dtype = "float32") => [...notesOnClip(any), ...told.always, ...(dtype === "float32" ? told.float32 : [])],
    maxSteps: Array.isArray(spec.inner.rate) ? spec.inner.rate.length : Infinity,
    theta,
    task: async (seed, step, index) => copyTree((await draw(seed, step, index)) as HostTree) as TK,
    draw,
    sampler,
    tasks: list?.length,
    carry: spec.inner.carry === true,
    programs: (example, dtype) => new ProblemPrograms(any, example, dtype),
  };
}
