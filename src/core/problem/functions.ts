import { fail } from "../../tensor/error.js";
import { isFloat } from "../../tensor/ops/elementwise.js";
import * as np from "../../tensor/np/index.js";
import type { ValueTree } from "../../tensor/tree.js";
import { describeTree, map, mapTree, paths } from "../../tensor/tree.js";
import { showType } from "../../tensor/types.js";
import { Value } from "../../tensor/value.js";
import { lifted } from "../optimizers/hyperparameter.js";
import { optimizerAt } from "./optimizer-at.js";
import { checkTrace } from "./same-trace.js";
import type { AnySpec } from "./spec.js";
import { failAbout, within } from "./where.js";

/** φ and what the inner optimizer keeps beside it: what one inner step maps to the next. */
export interface InnerState {
  readonly phi: ValueTree;
  readonly state: ValueTree;
}

/** A scalar in floating point, or a sentence. */
export function scalar(who: string, v: unknown): Value {
  if (!Value.is(v) || v.ndim !== 0) return failAbout(v, who, "must return a scalar (.sum() or .mean() it)", describeTree(v));
  if (!isFloat(v)) failAbout(v, who, "must return a floating point scalar, as it is differentiated", showType(v));
  return v;
}

/** A tree of values in floating point, or a sentence. */
function values(who: string, tree: unknown): ValueTree {
  for (const [path, leaf] of paths(who, tree)) {
    const at = path ? ` at ${path}` : "";
    if (!Value.is(leaf)) fail(who, `must return traced values (np.zeros, np.array)${at}`, describeTree(leaf));
    if (!isFloat(leaf))
      failAbout(leaf, who, `must return floating point values${at}, as the sweep differentiates all of them`, showType(leaf));
  }
  return tree as ValueTree;
}

/**
 * The leaves of a tree that a function returned, in the order of the tree that it was given: what is an order of keys to the function is
 * an order of arrays to a program. @throws if the two differ in structure, shapes or dtypes
 */
export function likeGiven(who: string, what: string, like: ValueTree, got: unknown): ValueTree {
  if (got === undefined || got === null) fail(who, `must return ${what}: ${describeTree(like)}`, `${what}: ${describeTree(got)}`);
  const wanted = new Map(paths(who, like)),
    received = new Map(paths(who, values(`${who}'s ${what}`, got)));
  const place = (path: string) => (path ? `${what}.${path}` : what);
  for (const [path, v] of wanted) {
    const w = received.get(path);
    if (!w)
      fail(
        who,
        `must return ${what} as it was given, with ${place(path)}: ${showType(v)}`,
        Value.is(got) ? `${what}: ${showType(got)}` : `{ ${[...received.keys()].join(", ")} }`,
      );
    else if (showType(w) !== showType(v)) failAbout(w, who, `must keep ${place(path)} at ${showType(v)}`, showType(w));
  }
  const extra = [...received.keys()].find(path => !wanted.has(path));
  if (extra !== undefined) fail(who, `must return ${what} as it was given`, `also ${place(extra)}`);
  return mapTree(`${who}'s ${what}`, ([, returned]) => returned, [like, got]) as ValueTree;
}

/** x₀ = { φ₀, state₀ }. */
export function initial(spec: AnySpec, theta: never, task: never): InnerState {
  const phi = within(spec, "init", () =>
    checkTrace(spec, "init", { differentiated: [theta], others: [task] }, values("init", spec.init(theta, task))),
  );
  const { inner } = spec;
  if (inner.step) {
    const called = { differentiated: [theta, phi], others: [] };
    return {
      phi,
      state: within(spec, "inner.state", () => checkTrace(spec, "inner.state", called, values("inner.state", inner.state?.(theta, phi)))),
    };
  }
  if (!inner.optimizer) return { phi, state: [] };
  const optimizer = optimizerAt(spec, theta);
  return { phi, state: within(spec, "inner.optimizer", () => values(`the state of ${optimizer.name}`, optimizer.init(phi))) };
}

/** L_in, checked to be scalar. */
export const innerLoss = (spec: AnySpec, theta: never, phi: ValueTree, task: never, step: Value): Value =>
  within(spec, "inner.loss", () =>
    checkTrace(
      spec,
      "inner.loss",
      { differentiated: [theta, phi], others: [task, step] },
      scalar("inner.loss", spec.inner.loss?.(theta, phi, task, step)),
    ),
  );

/** L_out, checked to be scalar. */
export const outerLoss = (spec: AnySpec, theta: never, phi: ValueTree, task: never): Value =>
  within(spec, "outer", () =>
    checkTrace(spec, "outer", { differentiated: [theta, phi], others: [task] }, scalar("outer", spec.outer(theta, phi, task))),
  );

/** The step size at a step: a number, a scalar, or a tree like φ whose leaves broadcast to φ's. */
export function rateAt(spec: AnySpec, theta: never, phi: ValueTree, step: Value): number | Value | ValueTree {
  const { rate } = spec.inner;
  if (rate === undefined) return fail("inner.rate", "belongs to an inner loss", "none");
  if (typeof rate === "number") return rate;
  if (typeof rate !== "function") return np.take(np.array(rate), step);
  const called = { differentiated: [theta], others: [step] };
  return within(spec, "inner.rate", () => {
    const a = rate(theta, step);
    if (typeof a === "number" || (Value.is(a) && a.ndim === 0)) return checkTrace(spec, "inner.rate", called, a);
    const broadcasts = (r: Value, p: Value) => r.ndim <= p.ndim && r.shape.every((d, i) => d === 1 || d === p.shape[i + p.ndim - r.ndim]);
    const all = mapTree(
      "inner.rate",
      ([p, r], path) => {
        if (!Value.is(r) || !broadcasts(r, p as Value))
          failAbout(
            r,
            "inner.rate",
            `must return a scalar, or a tree like φ that broadcasts to it (${showType(p)}${path ? ` at ${path}` : ""})`,
            describeTree(r),
          );
        return r;
      },
      [phi, lifted(a)],
    ) as ValueTree;
    return checkTrace(spec, "inner.rate", called, all);
  });
}

/**
 * The user's own step, checked to return the trees that it was given.
 * @param asWritten false where its derivatives count as zero: it then computes something else than in other calls
 */
export function ownStep(spec: AnySpec, theta: never, x: InnerState, step: Value, task: never, asWritten = true): InnerState {
  const { inner } = spec;
  if (!inner.step) return fail("inner.step", "is needed here", "an inner loss");
  return within(spec, "inner.step", () => {
    const next = inner.step?.(theta, { ...x, step }, task);
    if (typeof next !== "object" || next === null) fail("inner.step", "must return { phi, state }", describeTree(next));
    const { phi, state } = next as InnerState;
    const after = { phi: likeGiven("inner.step", "phi", x.phi, phi), state: likeGiven("inner.step", "state", x.state, state) };
    return asWritten ? checkTrace(spec, "inner.step", { differentiated: [theta, x.phi, x.state], others: [step, task] }, after) : after;
  });
}

/** What an optimizer makes of a gradient at x, checked to return the trees that it was given. `step` counts from 0. */
export function optimized(spec: AnySpec, theta: never, { phi, state }: InnerState, gradient: ValueTree, step: Value): InnerState {
  const optimizer = optimizerAt(spec, theta),
    { name } = optimizer;
  return within(spec, "inner.optimizer", () => {
    const next: unknown = optimizer.update(gradient, state, phi, step.add(1));
    if (typeof next !== "object" || next === null || !("updates" in next && "state" in next))
      return fail(name, "must return { updates, state } from update", describeTree(next));
    const after = { updates: likeGiven(name, "updates", phi, next.updates), state: likeGiven(name, "state", state, next.state) };
    checkTrace(spec, "inner.optimizer", { differentiated: [theta, phi, state, gradient], others: [step] }, after);
    return { phi: map((p, d) => p.add(d), phi, after.updates), state: after.state };
  });
}
