import { describe, expect, test } from "vitest";
import { createReferenceExecutor, defineProblem, f32, hypergradient, np, random, sampled, sgd, solve, tree } from "../../src/index.js";
import type { Problem, Value } from "../../src/index.js";
import { said } from "../support/said.js";

// Functions of a problem are traced more than once: for values, for gradients, in each precision. One that computes something else the next
// time would give the loss of one function and the gradient of another.

const square = (x: Value) => np.square(x).sum();

type Changing = () => number;
/** A problem with a number in one of its functions that may be another one in every call. */
const places: Record<string, (c: Changing) => Problem> = {};
const base = {
  theta: () => ({ w: f32([1, 2]) }),
  task: () => ({ y: f32([0.5, -0.5]) }),
};
const byLoss = ({ init = 1, loss = 1, rate = 1, outer = 1 }: Partial<Record<string, number | Changing>>) => {
  const of = (c: number | Changing) => (typeof c === "number" ? c : c());
  return defineProblem({
    ...base,
    init: theta => theta.w.mul(of(init)),
    inner: {
      loss: (theta, phi, { y }) => square(phi.sub(y).mul(of(loss))).add(square(theta.w.mul(phi))),
      rate: theta => theta.w.sum().mul(0.01 * of(rate)),
      steps: 2,
    },
    outer: (_, phi) => square(phi.add(of(outer))),
  }) as unknown as Problem;
};
const byStep = ({ state = 1, step = 1 }: Partial<Record<string, number | Changing>>) => {
  const of = (c: number | Changing) => (typeof c === "number" ? c : c());
  return defineProblem({
    ...base,
    init: theta => theta.w,
    inner: {
      steps: 2,
      state: () => ({ m: np.full([2], of(state)) }),
      step: (_, { phi, state: { m } }) => ({ phi: phi.sub(m.mul(0.1)), state: { m: m.mul(0.9).add(phi.mul(of(step))) } }),
    },
    outer: (_, phi) => square(phi),
  }) as unknown as Problem;
};
for (const name of ["init", "loss", "rate", "outer"]) places[name] = c => byLoss({ [name]: c });
for (const name of ["state", "step"]) places[name] = c => byStep({ [name]: c });
places["a rate that is a number"] = c =>
  defineProblem({
    ...base,
    init: theta => theta.w,
    inner: { loss: (_, phi) => square(phi), rate: c, steps: 2 },
    outer: (_, phi) => square(phi),
  });
places["a constant that is filled anew"] = c => {
  const buffer = f32([1, c()]);
  return defineProblem({
    ...base,
    init: theta => theta.w,
    inner: { loss: (_, phi) => square(phi.sub(np.array(buffer))), rate: 0.1, steps: 2 },
    outer(_, phi) {
      buffer.data[1] = c();
      return square(phi);
    },
  });
};
places["tasks that a program draws"] = c =>
  defineProblem({
    ...base,
    task: sampled(key => ({ y: random.normal(key, [2]).mul(c()) })),
    init: theta => theta.w,
    inner: { loss: (_, phi, { y }) => square(phi.sub(y)), rate: 0.1, steps: 2 },
    outer: (_, phi) => square(phi),
  });

const run = (problem: Problem) => solve(problem, { estimator: "exact", outer: sgd(0.01), outerSteps: 2 }).result();

describe.each(Object.entries(places))("%s", (_, make) => {
  test("that is another in every call is refused", async () => {
    let calls = 0;
    const counting = () => (calls += 1);
    expect(await said({ counting: () => run(make(counting)) })).toEqual({
      counting: expect.stringMatching(
        /^ufom: [\w.' ]+ must compute the same in every call, as it is traced more than once: .* received another program than before( \(.*\))?\.$/,
      ) as string,
    });
  });

  test("that changes later, between two runs, is refused by the second", async () => {
    let c = 1;
    const problem = make(() => c);
    await run(problem);
    c = 1.5;
    await expect(run(problem)).rejects.toThrow("must compute the same in every call");
  });

  test("that stays the same is taken, in both precisions, on every executor and by every estimator", async () => {
    const problem = make(() => 1),
      refused: string[] = [];
    for (const dtype of ["float32", "float64"] as const)
      for (const estimator of ["exact", "ufom:0.5", "forward", "truncated:1", "es:1", "implicit:cg=2"])
        for (const executor of ["wasm", createReferenceExecutor()] as const)
          await hypergradient(problem, { dtype, estimator, executor }).catch((error: Error) => refused.push(error.message));
    // An estimator may not be for the problem.
    expect(refused.filter(message => message.includes("must compute the same"))).toEqual([]);
  });
});

test("the sentence names the function and its line", async () => {
  await expect(run(byLoss({ loss: () => performance.now() }))).rejects.toThrow(
    /^ufom: inner\.loss must .* \(inner\.loss, same-trace\.test\.ts:\d+\)\.$/,
  );
});

test("a constant that is made once, keys in another order and one value in two places are no change", async () => {
  let kept: Value | undefined,
    turn = 0;
  const problem = defineProblem({
    theta: () => ({ a: f32([1, 2]), b: f32([3, 4]) }),
    task: () => ({}),
    init: theta => (turn++ % 2 ? { b: theta.b, a: theta.a } : { a: theta.a, b: theta.b }),
    inner: {
      loss: (theta, phi) => square(phi.a.mul((kept ??= np.array([1, 2])))).add(tree.dot(theta, phi)),
      rate: () => (turn++ % 2 ? { b: np.array(0.1), a: np.array(0.2) } : { a: np.array(0.2), b: np.array(0.1) }),
      steps: 2,
    },
    outer: (theta, phi) => square(phi.a).add(square(phi.b.sub(theta.b))),
  }) as unknown as Problem;
  const { outcome } = await run(problem);
  expect(outcome).toBe("finished");
});

test("other shapes are another program", async () => {
  const problem = defineProblem({
    theta: () => f32([1, 2]),
    task: () => ({ y: f32([1, 2]) }),
    init: theta => theta,
    // As many terms as there are rows.
    inner: { loss: (_, phi, { y }) => square(phi.sub(y.sum().mul(y.size))), rate: 0.1, steps: 1 },
    outer: (_, phi) => square(phi),
  });
  const [a, b] = [await hypergradient(problem), await hypergradient(problem, { task: { y: f32([1, 2, 3]) } })];
  expect(b.loss).not.toBe(a.loss);
});
