import type { Program } from "../../program/program.js";
import { grad, valueAndGrad, vjp } from "../../tensor/transform.js";
import type { ValueTree } from "../../tensor/tree.js";
import type { Value } from "../../tensor/value.js";
import type { Counts } from "../counts.js";
import type { InnerState } from "./functions.js";
import { initial, innerLoss as lossOf, outerLoss } from "./functions.js";
import { gradientFreeProduct, innerStep, residualProduct, stepProduct, swept, weightedProduct } from "./inner-step.js";
import type { AnySpec } from "./spec.js";

/** So many x at once, one above another: each leaf has a further first axis. */
export interface Stacked {
  readonly stacked: "x";
  readonly size: number;
}

/**
 * What an argument of a definition is like: θ, a task, x = { φ, state }, the number of a step (int32, from 0), several x at once, or a tree of
 * types of its own.
 */
export type Like = "theta" | "task" | "x" | "step" | Stacked | Readonly<Record<string, unknown>>;

/** The problem's own functions over values, each checked to return what it must. */
export interface ProblemFunctions {
  /** x₀ = V(θ, T), with the inner optimizer's first state. */
  init(theta: ValueTree, task: ValueTree): InnerState;
  /** x_j = Φ_j(θ, x_{j−1}, T); `j` counts from 0. */
  step(theta: ValueTree, x: InnerState, task: ValueTree, j: Value): InnerState;
  /** L_in(θ, φ, T) at step `j`, which counts from 0. @throws for a step of the user's own, which descends on no loss */
  innerLoss(theta: ValueTree, x: InnerState, task: ValueTree, j: Value): Value;
  /** A scalar whose gradients with respect to x and θ are (∂Φ_j/∂x)ᵀu and (∂Φ_j/∂θ)ᵀu. */
  stepProduct(theta: ValueTree, x: InnerState, task: ValueTree, j: Value, u: InnerState): Value;
  /** A scalar whose gradients with respect to x and θ are (I − ∂Φ_j/∂x)ᵀu and −(∂Φ_j/∂θ)ᵀu. */
  residualProduct(theta: ValueTree, x: InnerState, task: ValueTree, j: Value, u: InnerState): Value;
  /** A scalar whose gradient with respect to x is C_jᵀu, C_j the Jacobian of the step with a gradient of zero. */
  gradientFreeProduct(theta: ValueTree, x: InnerState, task: ValueTree, j: Value, u: InnerState): Value;
  /** A scalar whose gradients with respect to x and `near` add up to (w ∂Φ_j/∂x + (1 − w) C_j)ᵀu, C_j at `near`, and to θ to w (∂Φ_j/∂θ)ᵀu. */
  weightedProduct(
    theta: ValueTree,
    at: readonly [x: InnerState, near: InnerState],
    task: ValueTree,
    j: Value,
    u: InnerState,
    weight: Value,
  ): Value;
  /** L_out(θ, φ, T). */
  outer(theta: ValueTree, x: InnerState, task: ValueTree): Value;
  /** What a sweep hands on of (∂Φ_j/∂x)ᵀu: with `inner.sweptClip`, its part of φ within ±c; else all as it is. */
  swept(u: InnerState): InnerState;
}

/** The functions of a specification. */
export const functionsOf = (spec: AnySpec): ProblemFunctions => ({
  init: (theta, task) => initial(spec, theta as never, task as never),
  step: (theta, x, task, j) => innerStep(spec, theta as never, x, task as never, j),
  innerLoss: (theta, x, task, j) => lossOf(spec, theta as never, x.phi, task as never, j),
  stepProduct: (theta, x, task, j, u) => stepProduct(spec, theta as never, x, task as never, j, u),
  residualProduct: (theta, x, task, j, u) => residualProduct(spec, theta as never, x, task as never, j, u),
  gradientFreeProduct: (theta, x, task, j, u) => gradientFreeProduct(spec, theta as never, x, task as never, j, u),
  weightedProduct: (theta, at, task, j, u, weight) => weightedProduct(spec, theta as never, at, task as never, j, u, weight),
  outer: (theta, x, task) => outerLoss(spec, theta as never, x.phi, task as never),
  swept: u => swept(spec, u),
});

/** A program that is made of a problem's own functions; traced for the problem's shapes and compiled when it is first run. */
export interface Definition {
  /** What profiles and `ufom inspect` call it. */
  readonly name: string;
  /** What it takes, in order. */
  readonly args: Readonly<Record<string, Like>>;
  /** What a run of it counts as: one of something, or so many of several. */
  readonly counts?: keyof Counts | Readonly<Partial<Counts>>;
  /**
   * If it gives a gradient of θ, `of` returns [outputs, gradient], and leaves of θ whose gradient is zero by structure are left out:
   * `new` gives the gradient itself; `accumulated` adds it to further inputs, one for each of the leaves that are there.
   */
  readonly gradient?: "new" | "accumulated";
  /** The function that is traced. */
  of(problem: ProblemFunctions): (...args: never[]) => unknown;
}

/** A definition's program. */
export interface DefinedProgram {
  readonly program: Program;
  /** Which leaves of θ its last outputs are gradients of; those that are zero by structure are left out. */
  readonly leaves: readonly number[];
}

type Outputs = readonly [outputs: ValueTree, gradient: ValueTree];
type At = readonly [theta: ValueTree, x: InnerState];

/** (θ, T) ↦ x₀. */
export const init: Definition = {
  name: "init",
  args: { theta: "theta", task: "task" },
  of: problem => problem.init,
};

/** (θ, x, T, j) ↦ Φ_j(θ, x, T). */
export const step: Definition = {
  name: "step",
  args: { theta: "theta", x: "x", task: "task", step: "step" },
  counts: "step",
  of: problem => problem.step,
};

/** (θ, x, T, j) ↦ L_in(θ, φ, T), the loss that step j descends on. */
export const innerLoss: Definition = {
  name: "innerLoss",
  args: { theta: "theta", x: "x", task: "task", step: "step" },
  of: problem => problem.innerLoss,
};

/** (θ, x, T) ↦ (L_out, ∂L_out/∂x, ∂L_out/∂θ). */
export const outer: Definition = {
  name: "outer",
  args: { theta: "theta", x: "x", task: "task" },
  counts: "outer",
  gradient: "new",
  of:
    problem =>
    (theta: ValueTree, x: InnerState, task: ValueTree): Outputs => {
      const loss = ([t, z]: At) => problem.outer(t, z, task),
        [value, [gTheta, gX]] = valueAndGrad(loss as never)([theta, x] as never) as unknown as [Value, [ValueTree, ValueTree]];
      return [[value, gX], gTheta];
    },
};

/** (θ, x, T, j, u, g) ↦ ((∂Φ_j/∂x)ᵀu, g + (∂Φ_j/∂θ)ᵀu), the first of them within ±c where `inner.sweptClip` says so. */
export const pullback: Definition = {
  name: "pullback",
  args: { theta: "theta", x: "x", task: "task", step: "step", u: "x" },
  counts: "product",
  gradient: "accumulated",
  of:
    problem =>
    (theta: ValueTree, x: InnerState, task: ValueTree, j: Value, u: InnerState): Outputs => {
      const product = ([t, z]: At) => problem.stepProduct(t, z, task, j, u),
        [gTheta, gX] = grad(product as never)([theta, x] as never) as unknown as [ValueTree, InnerState];
      return [problem.swept(gX) as unknown as ValueTree, gTheta];
    },
};

/** (θ, x, T, j, u, g) ↦ g + (∂Φ_j/∂θ)ᵀu. */
export const mixed: Definition = {
  name: "mixed",
  args: { theta: "theta", x: "x", task: "task", step: "step", u: "x" },
  counts: "product",
  gradient: "accumulated",
  of:
    problem =>
    (theta: ValueTree, x: InnerState, task: ValueTree, j: Value, u: InnerState): Outputs => [
      [],
      grad((t: ValueTree) => problem.stepProduct(t, x, task, j, u))(theta),
    ],
};

/** The pull-back of a part of x₀ with respect to θ. */
const pullbackOf = (name: string, part: (x: InnerState) => ValueTree): Definition => ({
  name,
  args: { theta: "theta", task: "task", u: "x" },
  gradient: "new",
  of:
    problem =>
    (theta: ValueTree, task: ValueTree, u: InnerState): Outputs => {
      const [, pull] = vjp((t: ValueTree) => part(problem.init(t, task)), theta);
      return [[], pull(part(u))];
    },
});

/** (θ, T, u) ↦ (∂V/∂θ)ᵀu. */
export const initPullback: Definition = pullbackOf("initPullback", x => x as unknown as ValueTree);

/** (θ, T, u) ↦ (∂φ₀/∂θ)ᵀu_φ: `initPullback` without the optimizer's first state. */
export const startPullback: Definition = pullbackOf("startPullback", x => x.phi);

/** The definitions that gradients by sweeps are made of, in the order in which a gradient uses them. */
export const definitions: readonly Definition[] = [init, step, outer, pullback, mixed, initPullback];
