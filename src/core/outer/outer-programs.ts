import { optimize } from "../../program/passes/index.js";
import type { Node, Program } from "../../program/program.js";
import { fail } from "../../tensor/error.js";
import * as np from "../../tensor/np/index.js";
import { leafTypes, mapTypes, trace } from "../../tensor/trace.js";
import { leaves, map, type ValueTree } from "../../tensor/tree.js";
import { isFloat } from "../../tensor/ops/elementwise.js";
import { showType, type FloatType, type Type } from "../../tensor/types.js";
import type { Value } from "../../tensor/value.js";
import { allFinite, measure } from "./norm.js";
import { notingRates, type NotedRate } from "./rate.js";
import { scheduleValues } from "./schedule-values.js";
import type { OuterTransform } from "./transform.js";
import { initOf, updateOf } from "./update.js";

/** What was wrong with an outer step, as its report says; where several things were, the one that is named first here, but a rate before θ. */
export const stepCodes = { fine: 0, loss: 1, gradient: 2, theta: 3, rate: 4 } as const;

/** An outer transform as plain programs, for one θ. */
export interface OuterPrograms {
  /** The trees of θ and of the state with their leaves' types. */
  readonly theta: unknown;
  readonly state: unknown;
  /** The leaves of θ that have a gradient. */
  readonly gradientLeaves: readonly number[];
  /** θ ↦ state. */
  readonly init: Program;
  /**
   * (θ, state, k, report, gradient, loss, pace) ↦ (θ′, state′, k′, report′), leaf by leaf: k is an int32 scalar, the number of steps done; of the
   * gradient only the leaves that there are; the loss is a float64 scalar; the pace is [a, b, c], of which the share of the run that is done is
   * min((a + b·k)/c, 1); the report is float64[4], [loss, ‖gradient‖, code, loss of the last step that went well], zeros before the first step.
   * If the code is not 0, θ′, state′ and k′ are θ, state and k, now and in all later steps, whose report stays that one: of many steps in a row, none
   * after one that went wrong changes anything.
   */
  readonly update: Program;
  /** Whether it asks for the share of the run that is done: otherwise the pace may be anything. */
  readonly asksShare: boolean;
  /** Refuses the step k, at which a rate was out of range. @throws UfomError a sentence that names the rate and the step */
  refuseRate(k: number, share: number): never;
}

/** How the share of the run that is done grows with the number of steps done. */
export const paceType: Type = { shape: [3], dtype: "float64" };

/** [loss, ‖gradient‖, code, loss of the last step that went well]. */
export const reportType: Type = { shape: [4], dtype: "float64" };
const scalar = (dtype: Type["dtype"]): Type => ({ shape: [], dtype });

/**
 * Traces an outer transform.
 *
 * @param theta a tree of types, or of arrays
 * @param gradientLeaves positions of θ's leaves that have a gradient, all unless told; that of the others is zero
 * @throws if a leaf of θ is no float, or the transform returns something else than trees like those that it was given
 */
export function traceOuter(
  transform: OuterTransform,
  theta: unknown,
  dtype: FloatType,
  gradientLeaves: readonly number[] = leafTypes(theta).map((_, i) => i),
): OuterPrograms {
  mapTypes(theta, (type, path) => {
    if (!isFloat(type)) fail(transform.name, `works on float32 and float64 leaves of θ${path && ` (at ${path})`}`, showType(type));
  });
  const init = trace((at: ValueTree) => initOf(transform, at), [theta], dtype, ["theta"]),
    types = leafTypes(init.inputs[0]);
  const givenAt = new Map(gradientLeaves.map((leaf, i) => [leaf, i]));
  let rates: readonly NotedRate[] = [];

  const step = (at: ValueTree, state: ValueTree, done: Value, last: Value, given: readonly Value[], loss: Value, pace: Value) => {
    const gradient = treeLike(at, leaf => given[givenAt.get(leaf) ?? -1]),
      share = shareAt(pace, done),
      noted = notingRates(() => updateOf(transform, gradient, state, at, done.add(1), loss, share)),
      { updates, state: next } = noted.result,
      moved = map((t, u) => t.add(u), at, updates);
    rates = noted.rates;

    const { norm, finite } = measure(given);
    const otherwise = (code: Value, [ok, name]: readonly [Value, keyof typeof stepCodes]) => np.where(ok, code, stepCodes[name]);
    const checks: (readonly [Value, keyof typeof stepCodes])[] = [
      [allFinite(leaves(moved)), "theta"],
      ...rates.map(({ value }) => [np.logicalAnd(value.greaterEqual(0), value.less(Infinity)), "rate"] as const),
      [finite, "gradient"],
      [loss.abs().less(Infinity), "loss"],
    ];
    const code = checks.reduce(otherwise, np.zeros([], "float64")),
      going = np.take(last, 2, 0).equal(0),
      fine = np.logicalAnd(going, code.equal(0)),
      good = np.where(fine, loss, np.take(last, 3, 0));
    const keep = (after: ValueTree, before: ValueTree) => map((a, b) => np.where(fine, a, b), after, before);
    return [
      keep(moved, at),
      keep(next, state),
      np.where(fine, done.add(1), done),
      np.where(going, np.stack([loss, norm, code, good]), last),
    ];
  };
  const args = {
      theta: init.inputs[0],
      state: init.output,
      k: scalar("int32"),
      report: reportType,
      gradient: gradientLeaves.map(i => types[i]),
    },
    update = trace(step, [...Object.values(args), scalar("float64"), paceType], dtype, [...Object.keys(args), "loss", "pace"]),
    program = optimize(update.program);

  return {
    theta: init.inputs[0],
    state: init.output,
    gradientLeaves,
    init: optimize(init.program),
    update: program,
    asksShare: reads(program, program.inputs.length - 1),
    refuseRate(k, share) {
      for (const { who, schedule } of rates) {
        const [rate] = scheduleValues(who, schedule, [k], [share]);
        if (!(rate >= 0 && rate < Infinity)) fail(`the rate of ${who}`, `must be a finite number ≥ 0 at step ${k}`, `${rate}`);
      }
      return fail(`a rate of ${transform.name}`, `must be a finite number ≥ 0 at step ${k}`, "another");
    },
  };
}

/** How much of the run is done after so many steps, at a pace. */
function shareAt(pace: Value, done: Value): Value {
  const [a, b, c] = [0, 1, 2].map(i => np.take(pace, i, 0));
  return a
    .add(b.mul(done.astype("float64")))
    .div(c)
    .minimum(1);
}

/** Whether a program reads one of its inputs. */
function reads({ nodes }: Program, input: number): boolean {
  const at = nodes.findIndex(node => node.op === "input" && (node as Node<"input">).params.index === input);
  return nodes.some(({ inputs }) => inputs.includes(at));
}

/** A tree like θ with other leaves, by their position; zeros where there is none. */
function treeLike(theta: ValueTree, leafAt: (position: number) => Value | undefined): ValueTree {
  let position = 0;
  return map(t => leafAt(position++) ?? np.zerosLike(t), theta);
}
