import { beforeAll, describe, expect, it } from "vitest";
import { trace } from "../../src/tensor/trace.js";
import { grad } from "../../src/tensor/transform.js";
import type { HostArray } from "../../src/tensor/types.js";
import { isFloat, showType } from "../../src/tensor/types.js";
import type { OperationName, Value } from "../../src/tensor/value.js";

import type { JaxArray, Oracle } from "../support/jax.js";
import { loadOracle } from "../support/jax.js";
import { cases, casesOf, operationNames, operationsBehind, publicFunctions } from "./cases.js";
import type { Case } from "./cases/case.js";
import { showShapes } from "./cases/case.js";
import { expectClose, flat, magnitude } from "./closeness.js";
import type { Derivatives } from "./derivatives.js";
import { derivatives, firstDerivative, weights } from "./derivatives.js";
import { differences, withElements } from "./differences.js";
import type { Compiled } from "./run.js";
import { compileReference } from "./run.js";

let jax: Oracle;
beforeAll(async () => {
  jax = await loadOracle();
});

/** What is claimed about a case, in float64 by the operations' own rules. */
const claims = new Map<Case, Promise<Derivatives>>();
function claimsOf(c: Case): Promise<Derivatives> {
  const known = claims.get(c) ?? compileReference<Derivatives>(derivatives(c), c.inputs).then(run => run(...c.inputs));
  claims.set(c, known);
  return known;
}

/** The value and the gradient alone, for differences. */
const firsts = new Map<Case, Promise<Compiled<Derivatives>>>();
function firstOf(c: Case): Promise<Compiled<Derivatives>> {
  const known = firsts.get(c) ?? compileReference<Derivatives>(firstDerivative(c), c.inputs);
  firsts.set(c, known);
  return known;
}

/** Whether a case has no derivatives, which must be so where it has no floating point numbers on both sides and nowhere else. */
function hasNone(c: Case, y: HostArray, gradient: readonly HostArray[] | undefined): gradient is undefined {
  expect(gradient === undefined, showShapes(c)).toBe(floats(c).length === 0 || !isFloat(y));
  return gradient === undefined;
}

const floats = (c: Case) => c.inputs.flatMap((x, i) => (isFloat(x) ? [i] : []));
/** Directions beside the differentiable inputs, those of `derivatives`. */
const directionsOf = (c: Case) => floats(c).map((i, k) => weights(c.inputs[i].shape, 2 + k));
const dot = (a: readonly HostArray[], b: readonly HostArray[]) => {
  const [x, y] = [flat(a), flat(b)];
  return x.reduce((sum, v, i) => sum + v * y[i], 0);
};

/** A function, and the gradient of the sum of what it gives. */
const sumAndGradient =
  ({ f }: Pick<Case, "f">) =>
  (...inputs: Value[]) => ({ y: f(...inputs), gradient: grad((x: Value[]) => f(...x).sum())(inputs) });

describe("the table of cases", () => {
  it.each(publicFunctions)("has %s", name => expect(casesOf.has(name)).toBe(true));

  it("has every operation", () => {
    const seen = new Set<OperationName>(["input"]);
    for (const c of cases) {
      trace(
        (...inputs: Value[]) => {
          const y = c.f(...inputs);
          for (const op of operationsBehind(y)) seen.add(op);
          return y;
        },
        c.inputs,
        "float64",
      );
    }
    // A tuple stands for the tangents or cotangents of several results, and is never behind a value.
    expect(operationNames.filter(op => !seen.has(op))).toEqual(["tuple"]);
  });
});

describe.each([...casesOf])("%s", (_, group) => {
  it("gives the values of plain loops", async () => {
    for (const c of group) {
      const { y } = await claimsOf(c);
      const expected = c.expected(...c.inputs.map(({ shape, data }) => ({ shape, data: Array.from(data) })));
      expect(y.shape, showShapes(c)).toEqual(expected.shape);
      expectClose(y.data, expected.data, 1e-13, showShapes(c));
    }
  });

  const withOracle = group.filter(c => c.jax);
  if (withOracle.length > 0)
    it("gives jax-js's values and gradients", async () => {
      for (const c of withOracle) {
        const { y, gradient } = await claimsOf(c);
        if (c.inputs.some(x => x.data.length === 0)) continue;
        const f = (...inputs: JaxArray[]) => c.jax!(jax, ...inputs);
        expectClose(jax.evaluate(f, ...c.inputs).data, y.data, 1e-12, `value at ${showShapes(c)}`);
        if (hasNone(c, y, gradient)) continue;
        const [w, v] = [weights(y.shape, 0.3), weights(y.shape, 1.1)];
        const loss = (...inputs: JaxArray[]) => {
          const z = f(...inputs);
          return jax.np.sum(z.ref.mul(jax.toJax(w)).add(z.ref.mul(z).mul(jax.toJax(v)).mul(0.5)));
        };
        for (const [k, i] of floats(c).entries()) {
          const along = jax.grad((x: JaxArray) => loss(...c.inputs.map((other, j) => (j === i ? x : jax.toJax(other)))));
          expectClose(jax.evaluate(along, c.inputs[i]).data, gradient[k].data, 1e-11, `gradient at ${showShapes(c)}`);
        }
      }
    });

  it("has the gradient of central differences", async () => {
    for (const c of group) {
      const { y, gradient } = await claimsOf(c);
      if (hasNone(c, y, gradient)) continue;
      const run = await firstOf(c);
      for (const [k, i] of floats(c).entries()) {
        expect(showType(gradient[k])).toBe(showType(c.inputs[i]));
        const expected = await differences(async x => Array.from((await run(...c.inputs.with(i, x))).loss!.data), c.inputs[i]);
        expectClose(gradient[k].data, expected.flat(), 1e-9, `gradient of operand ${i} at ${showShapes(c)}`);
      }
    }
  });

  it("has one Hessian-vector product in three nestings, that of differences of the gradient", async () => {
    for (const c of group) {
      const { y, gradient, forwardOverReverse, reverseOverForward, reverseOverReverse } = await claimsOf(c);
      if (hasNone(c, y, gradient)) continue;
      const product = flat(forwardOverReverse!);
      expectClose(flat(reverseOverForward!), product, 1e-12, `reverse over forward at ${showShapes(c)}`);
      expectClose(flat(reverseOverReverse!), product, 1e-12, `reverse over reverse at ${showShapes(c)}`);
      const run = await firstOf(c);
      const v = directionsOf(c);
      const at = async (t: HostArray) => {
        const moved = c.inputs.map((x, i) => {
          const k = floats(c).indexOf(i);
          return k < 0 ? x : withElements(x, (value, e) => value + t.data[0] * v[k].data[e]);
        });
        return flat((await run(...moved)).gradient!);
      };
      const [expected] = await differences(at, { shape: [], dtype: "float64", data: Float64Array.of(0) });
      expectClose(product, expected, 1e-8, `Hessian-vector product at ${showShapes(c)}`);
    }
  });

  it("has a push-forward and a pull-back that are adjoint: ⟨ȳ, J v⟩ = ⟨Jᵀ ȳ, v⟩", async () => {
    for (const c of group) {
      const { y, gradient, tangent, pulled } = await claimsOf(c);
      if (hasNone(c, y, gradient)) continue;
      expect(showType(tangent!)).toBe(showType(y));
      const cotangent = [weights(y.shape, 5)];
      const [left, right] = [dot(cotangent, [tangent!]), dot(pulled!, directionsOf(c))];
      expectClose([left], [right], 1e-13, showShapes(c), y.data.length * magnitude(tangent!.data) + magnitude(flat(pulled!)));
    }
  });

  const kinks = group.flatMap(c => (c.kinks ?? []).map(kink => ({ ...kink, f: c.f })));
  it.each(kinks)("$name", async ({ f, inputs, value, gradient }) => {
    const run = await compileReference<Required<Derivatives>>(sumAndGradient({ f }), inputs);
    const { y, gradient: found } = await run(...inputs);
    expect(Array.from(y.data)).toEqual(value);
    expectClose(found[0].data, gradient, 1e-15, "gradient");
  });
});
