import { fail } from "../../tensor/error.js";
import type { HostArray } from "../../tensor/types.js";
import { WarmPlace } from "../evaluation/warm-place.js";
import { init, outer, pullback } from "../problem/definitions.js";
import type { Arrays, ArraysAt, Choice, Data, Estimator, Seen } from "./estimator.js";
import { partOf, prefixed } from "./part-arrays.js";

/** What is carried: x = { φ, state } of each task by its number, and what the estimator itself remembers. */
type CarriedState = { readonly own: Data; readonly x: Readonly<Record<string, readonly HostArray[]>> };
type CarriedPlan = { readonly start: "init" | "carried"; readonly own: Data };
interface CarriedChoice extends Choice<CarriedPlan> {
  readonly own: Choice;
  readonly number: number;
}

/**
 * An estimator whose inner loop goes on, outer step by outer step, from the x that the last one left for the same task; the first begins at
 * V(θ, T). It estimates the gradient of L_out after r more steps, where the x that was carried counts as constant.
 *
 * @param listed whether tasks have numbers; otherwise there is one
 * @throws if the estimator does not take its start and its end from the place
 */
export function carrying(estimator: Estimator, listed: boolean): Estimator<CarriedState, CarriedChoice> {
  const { name, facts, outcomes } = estimator;
  if (!facts.carries)
    fail("inner.carry", "goes with estimators of sweeps over the inner loop (exact, truncated, first-order, ufom of these)", name);
  return {
    name: `${name} (carried)`,
    facts: { ...facts, oneTask: !listed },
    check(problem) {
      const { programs } = problem;
      if (!programs.of(outer).leaves.length && !programs.of(pullback).leaves.length)
        fail(
          "inner.carry",
          "needs θ in the inner loss or step, the optimizer or the outer loss, as it cuts what comes through the start",
          `a problem whose θ is in the start only${programs.definedAt}`,
        );
      estimator.check?.(problem);
    },
    init: (theta, steps) => ({ own: estimator.init(theta, steps), x: {} }),
    draw: (state, random, number = 0) => choose(state, estimator.draw(state.own, random), number),
    outcomes: outcomes && (state => outcomes(state.own).map(own => choose(state, own, 0))),
    async evaluate(at, plan, arrays) {
      const given: ArraysAt = arrays,
        place = new WarmPlace(at, plan.start === "carried" ? given.x : undefined),
        found = await estimator.evaluate(place, plan.own, partOf("own", given)),
        { end } = place;
      if (!end) return fail(name, "must take the outer loss at its place, as its facts say that it carries", "no call of place.outer");
      return { ...found, carry: { ...prefixed("own", found.carry ?? {}), x: end } };
    },
    observe(state, { choice, carry, ...rest }) {
      const seen: Seen = { ...rest, choice: choice.own, carry: partOf("own", carry) };
      return { own: estimator.observe?.(state.own, seen) ?? state.own, x: { ...state.x, [choice.number]: carry.x } };
    },
    ...(estimator.moments ? { moments: ({ own }, carry) => estimator.moments!(own, partOf("own", carry)) } : {}),
    ...(estimator.tail ? { tail: ({ own }, carry) => estimator.tail!(own, partOf("own", carry)) } : {}),
    ...(estimator.work
      ? {
          work(problem, { own, plan }) {
            const { deterministic, random, alone } = estimator.work!(problem, own),
              saved = plan.start === "carried" ? problem.work(init) : 0,
              less = (work: number) => Math.max(0, work - saved);
            return { deterministic: less(deterministic), random, ...(alone === undefined ? {} : { alone: less(alone) }) };
          },
        }
      : {}),
  };
}

/** A choice of the estimator's own, with the x of its task if there is one. */
function choose(state: CarriedState, own: Choice, number: number): CarriedChoice {
  const x = state.x[number] as readonly HostArray[] | undefined,
    arrays: Arrays = { ...prefixed("own", own.arrays), ...(x ? { x } : {}) };
  return { ...own, plan: { start: x ? "carried" : "init", own: own.plan }, arrays, own, number };
}
