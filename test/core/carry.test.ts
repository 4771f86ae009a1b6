import { describe, expect, test } from "vitest";
import {
  createReferenceExecutor,
  createWasmExecutor,
  defineProblem,
  f64,
  hypergradient,
  listed,
  np,
  optimizers,
  random,
  sampled,
  sgd,
  solve,
  type Checkpoint,
  type HostTree,
  type InnerOptimizer,
  type Problem,
} from "../../src/index.js";
import { readState, writeState } from "../../src/files/saved-state.js";
import { bitsOf, distance } from "../support/gradients.js";
import { adamInside, momentumInside } from "../support/problems.js";
import { said } from "../support/said.js";

// L_in = ½ a (φ − θ)², L_out = ½ (φ − b)² + ½ c θ²: all of it in closed form.
const [rate, gamma, r, c] = [0.1, 0.05, 3, 0.2];
type Task = { readonly a: number; readonly b: number };
const tasks: readonly Task[] = [
  { a: 1, b: 2 },
  { a: 3, b: -1 },
  { a: 0.5, b: 4 },
];
const host = ({ a, b }: Task) => ({ a: scalar(a), b: scalar(b) });
function scalar(x: number) {
  return { shape: [], dtype: "float64" as const, data: Float64Array.of(x) };
}

const scalarProblem = (task: () => unknown, optimizer: InnerOptimizer = optimizers.sgd({ rate })) =>
  defineProblem({
    name: "scalar",
    theta: () => scalar(0.5),
    task: task as () => ReturnType<typeof host>,
    // The start depends on θ, at the first outer step only.
    init: theta => theta.mul(3),
    inner: { loss: (theta, phi, { a }) => np.square(phi.sub(theta)).mul(a).div(2), optimizer, steps: r, carry: true },
    outer: (theta, phi, { b }) =>
      np
        .square(phi.sub(b))
        .div(2)
        .add(np.square(theta).mul(c / 2)),
  }) as unknown as Problem;

/** r steps from φ with dφ/dθ, by heavy ball with a momentum that goes on. */
function unrolled({ a }: Task, theta: number, from: { phi: number; dPhi: number; m: number; dM: number }, beta: number) {
  let { phi, dPhi, m, dM } = from;
  for (let j = 0; j < r; j++) {
    [m, dM] = [beta * m + a * (phi - theta), beta * dM + a * (dPhi - 1)];
    [phi, dPhi] = [phi - rate * m, dPhi - rate * dM];
  }
  return { phi, dPhi, m, dM };
}

/** θ after outer steps of the recursion in which each task goes on from its own φ and m; step k has the tasks `at(k)`. */
function recursion(all: readonly Task[], at: (k: number) => readonly number[], steps: number, beta: number): number[] {
  const held = new Map<number, { phi: number; m: number }>(),
    path: number[] = [];
  let theta = 0.5;
  for (let k = 1; k <= steps; k++) {
    let gradient = 0;
    const now = at(k);
    for (const i of now) {
      const before = held.get(i),
        start = before ? { ...before, dPhi: 0, dM: 0 } : { phi: 3 * theta, dPhi: 3, m: 0, dM: 0 },
        end = unrolled(all[i], theta, start, beta);
      held.set(i, end);
      gradient += ((end.phi - all[i].b) * end.dPhi + c * theta) / now.length;
    }
    theta -= gamma * gradient;
    path.push(theta);
  }
  return path;
}

const options = { outer: sgd(gamma), outerSteps: 12, dtype: "float64" as const, estimator: "exact" };
const thetaOf = (tree: HostTree) => (tree as ReturnType<typeof scalar>).data[0];
async function thetas(problem: Problem, more: object = {}): Promise<number[]> {
  const run = solve(problem, { ...options, ...more }),
    found: number[] = [];
  for await (const { index } of run) found[index - 1] = thetaOf(run.theta);
  expect((await run.result()).outcome).toBe("finished");
  return found;
}
const heavy = optimizers.momentum({ rate, momentum: 0.8 });

describe("inner.carry: every outer step goes on from the φ and the optimizer's state of the last", () => {
  test.each(["exact", "exact:recompute", "exact:checkpoint=2", "ufom:1", "truncated:3"])("%s: θ is the recursion's", async estimator => {
    for (const executor of [createWasmExecutor(), createReferenceExecutor()])
      for (const [optimizer, beta] of [
        [undefined, 0],
        [heavy, 0.8],
      ] as const) {
        const got = await thetas(
          scalarProblem(() => host(tasks[0]), optimizer),
          { estimator, executor },
        );
        expect(
          distance(
            got,
            recursion(tasks, () => [0], 12, beta),
          ),
        ).toBeLessThan(1e-13);
      }
  });

  test("what is carried makes the difference, and `hypergradient` begins at V(θ, T)", async () => {
    const cold = recursion(tasks, () => [0], 1, 0);
    expect(
      distance(
        recursion(tasks, () => [0], 12, 0),
        Array<number>(12).fill(cold[0]),
      ),
    ).toBeGreaterThan(0.1);
    const { gradient } = await hypergradient(
      scalarProblem(() => host(tasks[0])),
      { dtype: "float64" },
    );
    expect(0.5 - gamma * thetaOf(gradient)).toBeCloseTo(cold[0], 14);
  });

  test.each([1, 2, 3])("a numbered list, a meta-batch of %i: each task goes on from its own", async metaBatch => {
    const problem = scalarProblem(listed(tasks.map(host)) as never, heavy),
      at = (k: number) => Array.from({ length: metaBatch }, (_, i) => (k - 1 + i) % 3);
    for (const executor of [createWasmExecutor(), createReferenceExecutor()])
      expect(distance(await thetas(problem, { metaBatch, executor }), recursion(tasks, at, 12, 0.8))).toBeLessThan(1e-13);
  });

  test("memory is given back", async () => {
    const executor = createWasmExecutor();
    await thetas(scalarProblem(listed(tasks.map(host)) as never, heavy), { metaBatch: 2, executor, estimator: "ufom:0.5" });
    expect(executor.usage().buffers).toBe(0);
  });

  test("awaiting the result takes the same steps", async () => {
    const problem = scalarProblem(() => host(tasks[0]), heavy),
      { theta } = await solve(problem, { ...options, outerSteps: 12 }).result();
    expect(thetaOf(theta)).toBe((await thetas(problem)).at(-1));
  });

  test.each(["exact", "first-order", "first-order:mixed", "truncated:1", "ufom:0.3", "ufom:adaptive"])(
    "%s: going on from any checkpoint gives the bits of a run that never stopped",
    async estimator => {
      const problem = scalarProblem(listed(tasks.map(host)) as never, optimizers.adam({ rate })),
        run = solve(problem, { ...options, metaBatch: 2, estimator }),
        bits: string[] = [],
        saved: Checkpoint[] = [];
      for await (const { index } of run) {
        bits[index] = bitsOf(run.theta);
        saved[index] = readState(writeState(run.checkpoint() as never), "a test") as unknown as Checkpoint;
      }
      expect(new Set(bits).size).toBe(13);
      for (const k of [1, 2, 7]) {
        const again = solve(problem, { ...options, metaBatch: 2, estimator, resume: saved[k] });
        for await (const { index } of again) expect(bitsOf(again.theta), `from ${k}`).toBe(bits[index]);
      }
    },
  );

  test("UFOM's mean over a step that was carried is the exact gradient", async () => {
    // With q = ½ both outcomes come up; their mean, step for step from the same state, is what exact gives.
    const problem = scalarProblem(() => host(tasks[0]), heavy),
      one = { ...options, outerSteps: 1 },
      first = solve(problem, { ...one, estimator: "ufom:0.5", outer: sgd(0) });
    await first.result();
    const checkpoint = first.checkpoint(),
      step = async (estimator: string, seed: number, of: Checkpoint) => {
        const run = solve(problem, { ...options, outer: sgd(gamma), outerSteps: 2, estimator, seed, resume: of }),
          steps = [];
        for await (const event of run) steps.push(event);
        return { theta: thetaOf(run.theta), exact: steps[0].exactDraws };
      };
    const resumed = (seed: number): Checkpoint => ({ ...checkpoint, run: { ...checkpoint.run, seed, outer: sgd(gamma).name } });
    const found = new Map<number, number>();
    for (let seed = 1; found.size < 2 && seed < 40; seed++) {
      const { theta, exact } = await step("ufom:0.5", seed, resumed(seed));
      found.set(exact, theta);
    }
    expect([...found.keys()].sort()).toEqual([0, 1]);
    const held = { phi: 0, m: 0 };
    Object.assign(held, unrolled(tasks[0], 0.5, { phi: 1.5, dPhi: 3, m: 0, dM: 0 }, 0.8));
    const end = unrolled(tasks[0], 0.5, { ...held, dPhi: 0, dM: 0 }, 0.8),
      expected = 0.5 - gamma * ((end.phi - 2) * end.dPhi + c * 0.5);
    expect((found.get(0)! + found.get(1)!) / 2).toBeCloseTo(expected, 13);
    expect(Math.abs(found.get(0)! - expected)).toBeGreaterThan(1e-3);
  });

  test("with a step of one's own the state beside φ is carried too", async () => {
    // θ stands still, so that k outer steps are k·r inner steps of a step that does not look at its number.
    const { spec, problem: cold } = momentumInside,
      at = { dtype: "float64", task: await cold.task(1, 1, 0) } as const,
      problem = defineProblem({ ...spec, task: () => at.task, inner: { ...spec.inner, carry: true } } as never) as unknown as Problem,
      executor = createWasmExecutor(),
      run = solve(problem, { ...options, outer: sgd(0), outerSteps: 4, executor });
    for await (const { index, loss } of run)
      expect(loss).toBe((await hypergradient(cold, { ...at, executor, innerSteps: 4 * index, estimator: "truncated:0" })).loss);
    expect((await run.result()).outcome).toBe("finished");
  });
});

test("what is refused, each in one sentence", async () => {
  const fixed = scalarProblem(() => host(tasks[0])),
    list = scalarProblem(listed(tasks.map(host)) as never);
  const result = (problem: Problem, more: object) => solve(problem, { ...options, ...more }).result();
  const startOnly = defineProblem({
    theta: () => scalar(1),
    task: () => scalar(1),
    init: theta => theta,
    inner: { loss: (_, phi, t) => np.square(phi.sub(t)), rate: 0.1, steps: 2, carry: true },
    outer: (_, phi) => np.square(phi),
  }) as unknown as Problem;
  const innerOnly = defineProblem({
    theta: () => scalar(1),
    task: () => scalar(1),
    init: theta => theta,
    inner: { loss: (theta, phi) => np.square(phi.sub(theta)), rate: 0.1, steps: 2, carry: true },
    outer: (_, phi) => np.square(phi),
  }) as unknown as Problem;
  let draws = 0;
  expect(
    await said({
      "fresh tasks": () =>
        result(
          scalarProblem(() => host({ a: 1, b: draws++ })),
          {},
        ),
      "tasks that a program draws": () =>
        result(scalarProblem(sampled(key => ({ a: np.ones([]), b: random.normal(key) })) as never), { dtype: "float32" }),
      "a meta-batch of one task": () => result(fixed, { metaBatch: 2 }),
      "a meta-batch of more tasks than there are": () => result(list, { metaBatch: 4 }),
      "forward mode": () => result(fixed, { estimator: "forward" }),
      "a single loop": () => result(fixed, { estimator: "soba" }),
      "UFOM with forward mode": () => result(fixed, { estimator: "ufom:0.5:target=forward" }),
      "θ in the start only": () => result(startOnly, {}),
      "first-order where θ is in the start and the inner loss": () => result(innerOnly, { estimator: "first-order" }),
      "a number": () => defineProblem({ ...adamInside.spec, inner: { ...adamInside.spec.inner, carry: 2 } } as never),
      "no tasks": () => listed([]),
      "a list of unlike tasks": () => scalarProblem(listed([host(tasks[0]), { a: scalar(1), b: f64([1]) }] as never) as never),
    }),
  ).toMatchInlineSnapshot(`
    {
      "UFOM with forward mode": "ufom: inner.carry goes with estimators of sweeps over the inner loop (exact, truncated, first-order, ufom of these); received ufom:0.5:target=forward.",
      "a list of unlike tasks": "ufom: every task must keep b at float64[]; received float64[1] (task, carry.test.ts:…).",
      "a meta-batch of more tasks than there are": "ufom: exact (carried) goes on from where it left each task, so a meta-batch has each of them once; received a meta-batch of 4 of 3 tasks.",
      "a meta-batch of one task": "ufom: exact (carried) goes on from where it left its one inner problem, so it needs the same task at every outer step, or a numbered list of them (task: listed([…])); received a meta-batch of 2.",
      "a number": "ufom: defineProblem needs inner.carry to be true or false; received 2 (defineProblem, carry.test.ts:…).",
      "a single loop": "ufom: inner.carry goes with estimators of sweeps over the inner loop (exact, truncated, first-order, ufom of these); received soba.",
      "first-order where θ is in the start and the inner loss": "ufom: first-order needs θ in the start or in the outer loss, as it drops all that reaches θ through inner steps (first-order:mixed keeps it); received a problem whose first-order gradient is zero: θ enters its inner steps only once φ is carried (defineProblem, carry.test.ts:…).",
      "forward mode": "ufom: inner.carry goes with estimators of sweeps over the inner loop (exact, truncated, first-order, ufom of these); received forward.",
      "fresh tasks": "ufom: exact (carried) goes on from where it left its one inner problem, so it needs the same task at every outer step, or a numbered list of them (task: listed([…])); received a task with other numbers than the first.",
      "no tasks": "ufom: listed takes a list of at least one task; received a list of 0.",
      "tasks that a program draws": "ufom: exact (carried) goes on from where it left its one inner problem, so it needs the same task at every outer step, or a numbered list of them (task: listed([…])); received tasks that a program draws.",
      "θ in the start only": "ufom: inner.carry needs θ in the inner loss or step, the optimizer or the outer loss, as it cuts what comes through the start; received a problem whose θ is in the start only (defineProblem, carry.test.ts:…).",
    }
  `);
});
