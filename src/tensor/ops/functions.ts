import type { Operation } from "../operation.js";
import { literal } from "../np/create.js";
import { equal, lessEqual, where } from "../np/logic.js";
import {
  abs as magnitude,
  cos as cosine,
  cosh as hyperbolicCosine,
  exp as exponential,
  negative as minus,
  sigmoid as logistic,
  sign as signum,
  sin as sine,
  sinh as hyperbolicSine,
  sqrt as root,
  tanh as hyperbolicTangent,
} from "../np/functions.js";
import { erf as erfOf, sigmoid as sigmoidOf, softplus as softplusOf } from "../special.js";
import type { Value } from "../value.js";
import { binary, plus, unary } from "./elementwise.js";
import { still, withSlopes } from "./slope.js";

export const negative: Operation<"negative"> = {
  ...unary("negative", x => -x, null, true),
  pullback: (_, g) => [g.neg()],
  pushforward: (_, [t]) => t && t.neg(),
};
/** |·|′(0) = 0, as in PyTorch. */
export const abs = unary("abs", Math.abs, x => signum(x), true);
export const sign = unary("sign", x => (x > 0 ? 1 : x < 0 ? -1 : x === 0 ? 0 : NaN), null, true);
export const floor = unary("floor", Math.floor, null);
export const sqrt = unary("sqrt", Math.sqrt, (_, y) => literal(0.5, y).div(y));

export const exp = unary("exp", Math.exp, (_, y) => y);
/** eˣ and not y + 1, which keeps no digit of a small derivative. */
export const expm1 = unary("expm1", Math.expm1, x => exponential(x));
export const log = unary("log", Math.log, x => literal(1, x).div(x));
export const log1p = unary("log1p", Math.log1p, x => literal(1, x).div(x.add(1)));
export const sin = unary("sin", Math.sin, x => cosine(x));
export const cos = unary("cos", Math.cos, x => minus(sine(x)));
/** 1 − tanh² as 4e/(1 + e)² with e = e^{−2|x|}, which keeps its digits where tanh is near 1. Its own derivative is −2 tanh x of it. */
function squaredSecant(x: Value): Value {
  const e = exponential(magnitude(still(x)).mul(-2));
  const above = e.add(1);
  return withSlopes(e.mul(4).div(above.mul(above)), [x], ([z]) => [hyperbolicTangent(z).mul(squaredSecant(z)).mul(-2)]);
}
export const tanh = unary("tanh", Math.tanh, squaredSecant);
export const erf = unary("erf", erfOf, x => exponential(x.mul(x).neg()).mul(2 / Math.sqrt(Math.PI)));

/** σ′ = σ(x)·σ(−x): no cancellation where σ is near 1; and σ″ = −σ′·tanh(x/2): none where it is small, near 0. */
const logisticSlope = (x: Value, y: Value): Value =>
  withSlopes(still(y).mul(logistic(still(x).neg())), [x], ([z]) => [
    hyperbolicTangent(z.mul(0.5))
      .mul(logisticSlope(z, logistic(z)))
      .neg(),
  ]);
export const sigmoid = unary("sigmoid", sigmoidOf, logisticSlope);
export const softplus = unary("softplus", softplusOf, x => logistic(x));

export const atan = unary("atan", Math.atan, x => literal(1, x).div(x.mul(x).add(1)));
/** 1/√((1 − x)(1 + x)): no cancellation near ±1; and its derivative is x times its cube: none near 0. */
function arc(x: Value): Value {
  const z = still(x);
  const slope = (v: Value) => arc(v).mul(arc(v)).mul(arc(v)).mul(v);
  return withSlopes(literal(1, z).div(root(literal(1, z).sub(z).mul(z.add(1)))), [x], ([v]) => [slope(v)]);
}
export const asin = unary("asin", Math.asin, arc);
export const acos = unary("acos", Math.acos, x => arc(x).neg());
export const sinh = unary("sinh", Math.sinh, x => hyperbolicCosine(x));
export const cosh = unary("cosh", Math.cosh, x => hyperbolicSine(x));

/** ∂/∂y and ∂/∂x of the angle of (x, y), x/(x² + y²) and −y/(x² + y²), of which no square overflows; 0 at the origin. */
function slopes(y: Value, x: Value): readonly [Value, Value] {
  const flat = lessEqual(magnitude(y), magnitude(x));
  const [small, large] = [where(flat, y, x), where(flat, x, y)];
  const origin = equal(large, 0);
  const safe = where(origin, literal(1, x), large);
  const t = small.div(safe);
  const w = where(origin, literal(0, x), literal(1, x).div(safe.mul(t.mul(t).add(1))));
  const tw = t.mul(w);
  return [where(flat, w, tw), where(flat, tw, w).neg()];
}

export const atan2 = binary(
  "atan2",
  Math.atan2,
  (_, g, y, x) => slopes(y, x).map(slope => g.mul(slope)),
  (_, s, t, y, x) => {
    const [alongY, alongX] = slopes(y, x);
    return plus(s && s.mul(alongY), t && t.mul(alongX));
  },
);
