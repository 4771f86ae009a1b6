import { isFloat64 } from "../../tensor/host.js";
import { notingRounded } from "../../tensor/precision.js";
import { traceOpen } from "../../tensor/trace.js";
import type { ValueTree } from "../../tensor/tree.js";
import { leaves, mapTree, paths } from "../../tensor/tree.js";
import type { HostArray, HostTree } from "../../tensor/types.js";
import { isFloat } from "../../tensor/types.js";
import { Value } from "../../tensor/value.js";
import { workingTypes } from "../trees/precision.js";
import { initial, innerLoss, optimized, outerLoss, ownStep, rateAt } from "./functions.js";
import type { AnySpec, Example } from "./spec.js";

/** Those of some values that others have derivatives with respect to, as far as the graph tells. */
function reached(outputs: readonly Value[], inputs: readonly Value[]): Value[] {
  const wanted = new Set(inputs),
    seen = new Set<Value>(),
    stack = [...outputs],
    found: Value[] = [];
  for (let v = stack.pop(); v; v = stack.pop()) {
    if (seen.has(v) || !isFloat(v) || v.op === "stopGradient") continue;
    seen.add(v);
    if (wanted.has(v)) found.push(v);
    // Of a value with a rule of its own the derivative passes to the rule's operands.
    else stack.push(...(v.op === "customGradient" ? v.inputs.slice(1) : v.inputs));
  }
  return found;
}

/** What the definition of a problem comes to: x₀, one inner step from another x, and the outer loss there. */
interface Parts {
  readonly theta: readonly Value[];
  readonly x: readonly Value[];
  readonly start: readonly Value[];
  /** What each leaf of the next x is made of. */
  readonly next: readonly (readonly Value[])[];
  readonly outer: Value;
}

/** The leaves of θ that the outer loss has a derivative with respect to, through any number of inner steps. */
function alive({ theta, x, start, next, outer }: Parts): ReadonlySet<Value> {
  const found = new Set<Value>(),
    waiting = reached([outer], [...theta, ...x]);
  for (let v = waiting.pop(); v; v = waiting.pop()) {
    if (found.has(v)) continue;
    found.add(v);
    const i = x.indexOf(v);
    if (i >= 0) waiting.push(...reached([start[i], ...next[i]], [...theta, ...x]));
  }
  return found;
}

const isTree = (x: unknown): x is ValueTree => typeof x === "object" && x !== null;

/** The positions of θ's leaves that reach nothing. @throws the sentence of the first function that is wrong */
function idleLeaves(spec: AnySpec, { theta, task }: Example): readonly number[] {
  const idle: number[] = [];
  traceOpen(
    ([t, k, step], addInput) => {
      const j = step as Value,
        given = [t as never, k as never] as const,
        start = initial(spec, ...given),
        fresh = (tree: ValueTree, name: string) =>
          mapTree(name, ([v], path) => addInput(v, [name, path].filter(Boolean).join(".")), [tree]) as ValueTree,
        x = { phi: fresh(start.phi, "phi"), state: fresh(start.state, "state") },
        at = [...leaves(x.phi), ...leaves(x.state)],
        parts = { theta: leaves(t as ValueTree), x: at, start: [...leaves(start.phi), ...leaves(start.state)] };
      let next: readonly (readonly Value[])[];
      if (spec.inner.step) {
        const after = ownStep(spec, given[0], x, j, given[1]);
        next = [...leaves(after.phi), ...leaves(after.state)].map(leaf => [leaf]);
      } else if (spec.inner.optimizer) {
        const loss = innerLoss(spec, given[0], x.phi, given[1], j),
          // Any tree like the gradient: what matters is what the update is made of, and that the gradient is made of the loss.
          after = optimized(spec, given[0], x, x.phi, j);
        next = [...leaves(after.phi), ...leaves(after.state)].map(leaf => [leaf, loss]);
      } else {
        const loss = innerLoss(spec, given[0], x.phi, given[1], j),
          rate = rateAt(spec, given[0], x.phi, j);
        next = at.map(leaf => [leaf, loss, ...(isTree(rate) ? leaves(rate) : [])]);
      }
      const found = alive({ ...parts, next, outer: outerLoss(spec, given[0], x.phi, given[1]) });
      parts.theta.forEach((leaf, i) => found.has(leaf) || idle.push(i));
      return start.phi;
    },
    [workingTypes(theta), workingTypes(task), { shape: [], dtype: "int32" }],
    "float32",
    ["theta", "task", "step"],
  );
  return idle;
}

const listed = (names: readonly string[]): string =>
  names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ");

/** The leaves of a tree for which float64 was asked. */
const inFloat64 = (name: string, tree: HostTree): string[] =>
  paths(name, tree).flatMap(([path, leaf]) => (!Value.is(leaf) && isFloat64(leaf) ? [path ? `${name}.${path}` : name] : []));

/** What whoever defines a problem should know, a sentence each. */
export interface Notes {
  readonly always: readonly string[];
  /** Of runs in float32 only. */
  readonly float32: readonly string[];
}

/** Traces the functions of a problem once. @throws the sentence of the first that is wrong */
export function checkDefinition(spec: AnySpec, example: Example): Notes {
  const { result: idle, constants } = notingRounded(() => idleLeaves(spec, example)),
    names = paths("theta", example.theta as HostArray).map(([path]) => (path ? `theta.${path}` : "theta")),
    long = [...inFloat64("theta", example.theta), ...inFloat64("task", example.task), ...constants.map(type => `a constant ${type}`)];
  return {
    always: idle.length
      ? [`The outer loss has no derivative with respect to ${listed(idle.map(i => names[i]))}: the gradient there is zero.`]
      : [],
    float32: long.length ? [`float64 data are rounded to float32, the precision of the run: ${listed(long)}.`] : [],
  };
}
