import { fail } from "../../tensor/error.js";
import { carriesItsType, checkHostArray, isHostArray } from "../../tensor/host.js";
import { describeTree, isBranch, paths } from "../../tensor/tree.js";
import { typesOf } from "../../tensor/trace.js";
import type { FloatType, HostArray, HostTree, TreeOf } from "../../tensor/types.js";
import type { Value } from "../../tensor/value.js";
import { checkDefinition } from "./functions.js";
import type { HostedTree } from "./sampled.js";
import { isSampled, Sampler } from "./sampled.js";
import type { AnySpec, Example, ProblemSpec } from "./spec.js";
import { flattenLike } from "../trees/host-leaves.js";
import { ProblemPrograms } from "./programs.js";
import { stream } from "../random/index.js";
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
  /** The largest r that can be asked for instead: as many as a list of step sizes has, otherwise no limit. */
  readonly maxSteps: number;
  /** θ₀ of a seed. */
  theta(seed: number): TH;
  /** The task of outer step `step` and place `index` in its meta-batch. */
  task(seed: number, step: number, index: number): Promise<TK>;
  /** The same, at once where the problem's own draw answers at once. */
  draw(seed: number, step: number, index: number): TK | Promise<TK>;
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
  for (const key of ["theta", "task", "init", "outer"] as const)
    if (typeof spec[key] !== "function" && !(key === "task" && isSampled(spec[key]))) refuse(`needs ${key} to be a function`, spec[key]);
  const { inner } = spec as { inner?: Partial<AnySpec["inner"]> };
  if (typeof inner !== "object" || inner === null) return refuse("needs inner: { loss, rate, steps } or { state, step, steps }", inner);
  if (!Number.isInteger(inner.steps) || (inner.steps as number) < 0)
    refuse("needs inner.steps to be a whole number of at least 0", inner.steps);
  if (typeof inner.step === "function") {
    if (inner.loss !== undefined || inner.rate !== undefined)
      refuse("takes inner.loss with inner.rate, or inner.step with inner.state, not both", inner);
    if (typeof inner.state !== "function") refuse("needs inner.state beside inner.step (return {} for none)", inner.state);
    return;
  }
  if (typeof inner.loss !== "function") refuse("needs inner.loss or inner.step to be a function", inner);
  checkRate(inner.rate, inner.steps as number);
}

function checkRate(rate: unknown, steps: number): void {
  const positive = (x: unknown) => typeof x === "number" && x > 0 && Number.isFinite(x);
  if (typeof rate === "function" || positive(rate)) return;
  if (!Array.isArray(rate) || !rate.every(positive))
    fail(
      "defineProblem",
      "needs inner.rate to be a positive number, one positive number a step, or a function of θ and the step",
      describeTree(rate),
    );
  if (rate.length < steps) fail("defineProblem", `needs an inner.rate for each of the ${steps} inner steps`, `${rate.length}`);
}

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
  // Trees that were looked at: what is returned again need not be looked at again.
  const checked = new WeakSet<object>();
  const likeTheFirst = (task: TK): TK => {
    if (checked.has(task)) return task;
    hostTree("task", task);
    if (types === undefined) types = typesOf(task);
    else flattenLike("every task", types, task);
    checked.add(task);
    return task;
  };
  const theta = (seed: number) => {
    const random = stream(seed, "theta");
    return within(any, "theta", () => floats(hostTree("theta", spec.theta(random))));
  };
  const { task: given } = spec,
    sampler = isSampled(given) ? new Sampler(given) : undefined;
  const draw = (seed: number, step: number, index: number): TK | Promise<TK> =>
    within(any, "task", () => {
      const task = isSampled(given) ? (sampler!.task(seed, step, index) as TK) : given(stream(seed, "task", step, index));
      return task instanceof Promise ? task.then(likeTheFirst) : likeTheFirst(task);
    });
  const first = draw(0, 1, 0);
  // A task that is fetched comes too late for the definition: it is checked when it is first used, and what fails then is told then.
  if (first instanceof Promise) first.catch(() => undefined);
  else checkDefinition(any, { theta: theta(0), task: first });
  return {
    [brand]: true,
    name: spec.name ?? "problem",
    steps: spec.inner.steps,
    maxSteps: Array.isArray(spec.inner.rate) ? spec.inner.rate.length : Infinity,
    theta,
    task: async (seed, step, index) => draw(seed, step, index),
    draw,
    sampler,
    programs: (example, dtype) => new ProblemPrograms(any, example, dtype),
  };
}
