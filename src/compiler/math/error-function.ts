import { expBounded, withSignOf } from "./exponential.js";
import type { Lanes, Operand } from "./lanes.js";
import { polynomial } from "./lanes.js";

/** erf(x)/x − 1 as a polynomial in x² on |x| ≤ 1, minimax; 1 + p within 2^−29 and 2^−56. */
const near = {
  float32: [
    0.12837916612625122, -0.3761262595653534, 0.11283578723669052, -0.026853347197175026, 0.005187162198126316, -0.0007997853099368513,
    7.806903158780187e-5,
  ],
  float64: [
    0.1283791670955126, -0.376126389031841, 0.11283791670971098, -0.026866170648031113, 0.005223977652691966, -0.0008548328535767074,
    0.00012055386195783292, -1.492688190078495e-5, 1.6481080416830478e-6, -1.6557631205429094e-7, 1.6019337211048345e-8,
    -1.650241450804721e-9, 1.4436571121507337e-10,
  ],
};

/** e^{x²} erfc(x) as a polynomial in (x − 2)/(x + 2) on [1, 4] or [1, 6], minimax under the weight e^{−x²}; erf within 2^−33 and 2^−58. */
const far = {
  float32: [
    0.25539568066596985, -0.42718586325645447, 0.2416560798883438, -0.07899795472621918, 0.003693084232509136, 0.007171382196247578,
  ],
  float64: [
    0.25539567631050575, -0.4271858474139561, 0.24165819424249688, -0.078978581016378, 0.003732892393430397, 0.006997461743897855,
    -0.0008471425112283998, -0.0009819743218057626, 4.354354309716262e-5, 0.0001742776966687447, 2.7500078101885142e-5,
    -2.6893585967571673e-5, -1.2863448128507855e-5,
  ],
};

/** 2/√π ∫₀ˣ e^{−t²} dt: x + x p(x²) up to one, then sign(x)(1 − e^{−x²} q((|x| − 2)/(|x| + 2))). */
export function erf<V>(l: Lanes<V>, x: Operand<V>): V {
  const value = l.add(x, l.mul(x, polynomial(l, l.mul(x, x), near[l.dtype])));
  const a = l.abs(x);
  const beyond = l.gtBits(a, l.bits(1));
  l.when(l.any(beyond), () => {
    // 1 − erf(4) and 1 − erf(6) are below half an ulp of one.
    const b = l.pmin(a, l.choose(4, 6));
    const q = polynomial(l, l.div(l.sub(b, 2), l.add(b, 2)), far[l.dtype]);
    const tail = withSignOf(l, x, l.sub(1, l.mul(expBounded(l, l.neg(l.mul(b, b))), q)));
    l.assign(value, l.select(l.ne(x, x), l.quietNaN, l.select(beyond, tail, value)));
  });
  return value;
}
