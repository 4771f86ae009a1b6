import * as np from "../../tensor/np/index.js";
import { convert } from "../../tensor/np/promote.js";
import type { Value } from "../../tensor/value.js";
import type { Formula } from "../evaluation/machine.js";
import { inner, wide } from "./inner-products.js";

type Values = readonly Value[];

/** Iterations in a row that must leave the hypergradient as it is: one may, where θ does not meet its direction. */
const QUIET = 2;

const number = (x: number): Value => np.full([], x, "float64");
const plus = (a: Values, factor: Value, b: Values): Values => a.map((x, i) => x.add(b[i].mul(convert(factor, x.dtype))));
/** √(a/b), 0 where a is. */
const ratio = (a: Value, b: Value): Value => np.sqrt(np.where(a.equal(0), 0, a.div(b)));
const either = (keep: Value, old: Values, found: Values): Values => found.map((x, i) => np.where(keep, old[i], x));
/** What rounding leaves of 1 in the precision that is solved in. */
const roundingOf = ([x]: Values): number => (x.dtype === "float64" ? 2 ** -52 : 2 ** -23);

/** How many iterations in a row moved the hypergradient by no more than the tolerance; none is counted where there is none. */
function quietFor(quiet: Value, [tolerance]: Values, change: Value, gradient: Values, others: Values): Value {
  if (!(tolerance as Value | undefined)) return quiet;
  const size = inner(gradient, gradient).add(inner(others, others));
  return np.where(change.lessEqual(size.mul(tolerance.mul(tolerance))), quiet.add(1), 0);
}

/*
 * What conjugate gradients know beside their vectors, in this order: ‖z‖², ‖residual‖², ‖u‖², the largest ‖Ap‖/‖p‖ and the smallest curvature
 * so far, and how many iterations there were, how many of them in a row were quiet, whether the solve has stopped. A comparison with NaN is
 * false, and what stops is always a comparison: numbers that are none go on to the gradient and are not hidden.
 */

/** u ↦ what is known before the first iteration. */
export const beginConjugate: Formula = {
  name: "begin conjugate gradients",
  of(u) {
    const uu = inner(u, u);
    return [uu, uu, uu, number(0), number(Infinity), np.zeros([], "int32"), np.zeros([], "int32"), uu.equal(0)];
  },
};

/** (z, p, known) ↦ (p, known): the next direction, p ← z + (‖z‖²/‖z₋‖²) p; z is where there was none before. */
export const nextDirection: Formula = {
  name: "next direction",
  of(z, p, [before, rr, uu, steepest, curvature, iterations, quiet, stopped]) {
    const zz = inner(z, z),
      // Nothing but rounding is left of z: the residual is what no iterate can remove.
      stuck = zz.lessEqual(
        steepest
          .mul(steepest)
          .mul(rr)
          .mul(roundingOf(z) * roundingOf(z)),
      ),
      stops = np.logicalOr(stopped, stuck),
      next = p.length ? either(stops, p, plus(z, zz.div(before), p)) : z;
    return [next, [zz, rr, uu, steepest, curvature, iterations, quiet, stops]];
  },
};

/**
 * (G, other leaves, residual, p, known, Ap, (∂Φ/∂θ)ᵀp, tolerance) ↦ (G, residual, known): one iteration,
 *
 *     a = ‖z‖²/c,  G ← G + a (∂Φ/∂θ)ᵀp,  residual ← residual − a Ap
 *
 * with c = ⟨p, Ap⟩ for a symmetric A, ‖Ap‖² for the normal equations. w itself, the sum of all a p, is nowhere needed.
 */
const advance = (name: string, symmetric: boolean): Formula => ({
  name,
  of(gradient, others, residual, p, [zz, rr, uu, steepest, curvature, iterations, quiet, stopped], ap, bp, tolerance) {
    const pp = inner(p, p),
      square = inner(ap, ap),
      c = symmetric ? inner(p, ap) : square,
      steep = np.maximum(steepest, np.sqrt(square.div(pp))),
      rounding = roundingOf(p);
    // Along p there is no curvature that is more than rounding, or a negative one: a step would lead anywhere.
    const flat = c.lessEqual((symmetric ? steep : steep.mul(steep).mul(rounding)).mul(pp).mul(rounding)),
      keep = np.logicalOr(stopped, flat),
      a = zz.div(c),
      moved = plus(gradient, a, bp),
      left = plus(residual, a.neg(), ap),
      found = inner(left, left),
      still = quietFor(quiet, tolerance, a.mul(a).mul(inner(bp, bp)), moved, others);
    const solved = np.logicalOr(found.less(uu.mul(rounding * rounding)), found.equal(0)),
      ends = np.logicalOr(solved, still.greaterEqual(QUIET));
    const known = [
      zz,
      np.where(keep, rr, found),
      uu,
      np.where(stopped, steepest, steep),
      np.where(stopped, curvature, np.minimum(curvature, c.div(pp))),
      np.where(stopped, iterations, iterations.add(1)),
      still,
      np.logicalOr(keep, ends),
    ];
    return [either(keep, gradient, moved), either(keep, residual, left), known];
  },
});

/** An iteration of conjugate gradients for a symmetric I − ∂Φ/∂x. */
export const advanceSymmetric = advance("conjugate gradients", true);
/** An iteration of conjugate gradients on the normal equations. */
export const advanceNormal = advance("conjugate gradients on the normal equations", false);

/** known ↦ what is told: iterations, residual, curvature, stopped. */
export const endConjugate: Formula = {
  name: "end conjugate gradients",
  of: ([, rr, uu, , curvature, iterations, , stopped]) => [iterations, ratio(rr, uu), curvature, stopped],
};

/* What the Neumann series knows, in this order: ‖u‖², ‖v‖², the last ‖v_{k+1}‖/‖v_k‖, and iterations, quiet ones in a row, whether it stopped. */

/** u ↦ what is known before the first term. */
export const beginNeumann: Formula = {
  name: "begin the Neumann series",
  of(u) {
    const uu = inner(u, u);
    return [uu, uu, number(0), np.zeros([], "int32"), np.zeros([], "int32"), uu.equal(0)];
  },
};

/** (G, other leaves, G with the next term, next v, known, tolerance) ↦ (G, known). */
export const nextTerm: Formula = {
  name: "next term",
  of(gradient, others, moved, v, [uu, before, contraction, iterations, quiet, stopped], tolerance) {
    const change = moved.map((x, i) => wide(x).sub(wide(gradient[i]))),
      vv = inner(v, v),
      smallest = roundingOf(v) * roundingOf(v),
      still = quietFor(quiet, tolerance, inner(change, change), moved, others),
      // All terms that follow are less than rounding together, unless the step all but fails to contract.
      ends = np.logicalOr(vv.lessEqual(uu.mul(smallest * smallest)), still.greaterEqual(QUIET));
    const known = [
      uu,
      np.where(stopped, before, vv),
      np.where(stopped, contraction, ratio(vv, before)),
      np.where(stopped, iterations, iterations.add(1)),
      still,
      np.logicalOr(stopped, ends),
    ];
    return [either(stopped, gradient, moved), known];
  },
};

/** known ↦ what is told: iterations, residual, contraction, stopped. */
export const endNeumann: Formula = {
  name: "end the Neumann series",
  of: ([uu, vv, contraction, iterations, , stopped]) => [iterations, ratio(vv, uu), contraction, stopped],
};
