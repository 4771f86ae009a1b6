import { describe, expect, expectTypeOf, test } from "vitest";
import type { HostArray, Value } from "../../src/index.js";
import { customGradient, defineProblem, grad, hypergradient, jvp, np, sgd, solve, tree, vjp, vmap, zeros } from "../../src/index.js";

interface Layer<T> {
  w: T;
  b: T;
}
interface Theta {
  layers: Layer<HostArray>[];
  rate: HostArray;
}
interface Task {
  x: HostArray;
}
interface State {
  readonly last: Layer<Value>;
}

const start = {
  theta: (): Theta => ({ layers: [{ w: zeros(3), b: zeros(3) }], rate: zeros() }),
  task: (): Task => ({ x: zeros(3) }),
};
const output = ([{ w, b }]: readonly Layer<Value>[], x: Value) => np.square(x.add(1).mul(w).add(b).sub(1)).sum();

describe("trees whose types are interfaces", () => {
  test("are θ, task, φ and state", async () => {
    const byLoss = defineProblem({
      ...start,
      init: theta => theta.layers,
      inner: { loss: (theta, phi, task) => output(phi, task.x).add(theta.rate), rate: 0.1, steps: 2 },
      outer: (_, phi, task) => output(phi, task.x),
    });
    const byStep = defineProblem({
      ...start,
      init: (theta): Layer<Value> => theta.layers[0],
      inner: {
        steps: 2,
        state: (_, phi): State => ({ last: tree.zerosLike(phi) }),
        step: (_, { phi, state }) => ({ phi: tree.map((p, l) => p.sub(l.mul(0.5)), phi, state.last), state: { last: phi } }),
      },
      outer: (_, phi, task) => output([phi], task.x),
    });
    const { gradient } = await hypergradient(byLoss, { theta: start.theta(), task: start.task() });
    expectTypeOf(gradient).toEqualTypeOf<Theta>();
    // Twice φ ← φ + 0.2 (1 − wx − b) with x = 1: the error shrinks by 0.6² and its derivative at the start as often again.
    expect(gradient.layers[0].w.data[0]).toBeCloseTo(-2 * 0.6 ** 4, 6);
    const { theta } = await solve(byStep, { estimator: "exact", outer: sgd(0.1), outerSteps: 1 }).result();
    expectTypeOf(theta).toEqualTypeOf<Theta>();
    // φ₂ = φ₀/2, where the derivative is −1.
    expect(theta.layers[0].w.data[0]).toBeCloseTo(0.1, 6);
  });

  test("go through transforms and tree functions", () => {
    const square = (l: Layer<Value>): Value => l.w.mul(l.w).sum().add(l.b.sum());
    const same = (l: Layer<Value>): Layer<Value> => l;
    const problem = defineProblem({
      ...start,
      init: theta => theta.layers[0],
      inner: { loss: (_, phi) => square(phi), rate: 0.1, steps: 1 },
      outer: (_, phi) => {
        expectTypeOf(grad(square)(phi)).toEqualTypeOf<Layer<Value>>();
        expectTypeOf(jvp(same, phi, phi)).toEqualTypeOf<[Layer<Value>, Layer<Value>]>();
        expectTypeOf(vjp(same, phi)[1](phi)).toEqualTypeOf<Layer<Value>>();
        expectTypeOf(vmap(same)(phi)).toEqualTypeOf<Layer<Value>>();
        expectTypeOf(tree.zerosLike(phi)).toEqualTypeOf<Layer<Value>>();
        const own = customGradient(
          (l: Layer<Value>) => l.w.add(l.b),
          c => ({ w: c, b: c }),
        );
        return tree.sumSquares(phi).add(tree.dot(phi, phi)).add(tree.leaves(phi)[0].sum()).add(own(phi).sum());
      },
    });
    expect(problem.steps).toBe(1);
  });

  test("still need leaves that are arrays", () => {
    const rest = { init: () => np.zeros([]), inner: { loss: () => np.zeros([]), rate: 1, steps: 1 }, outer: () => np.zeros([]) };
    // @ts-expect-error a number is no array
    expect(() => defineProblem({ ...start, ...rest, theta: () => ({ a: { b: [zeros(), 3] } }) })).toThrow(/^ufom: theta .*b\.1/);
    // @ts-expect-error nor is a function
    expect(() => defineProblem({ ...start, ...rest, task: () => ({ f: () => 3 }) })).toThrow(/^ufom: task .*f/);
    // @ts-expect-error nor is a text
    expect(() => tree.zerosLike({ a: "x" })).toThrow(/^ufom: tree\.map .*at a/);
  });
});
