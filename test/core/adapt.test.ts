import { describe, expect, expectTypeOf, test } from "vitest";
import {
  adapt,
  createReferenceExecutor,
  createWasmExecutor,
  defineProblem,
  f32,
  f64,
  hypergradient,
  np,
  random,
  sampled,
  type HostArray,
  type HostTree,
  type Problem,
  type Value,
} from "../../src/index.js";
import { countingExecutor } from "../support/counting-executor.js";
import { bitsOf, numbersOf } from "../support/gradients.js";
import { adamInside, everywhere, samples } from "../support/problems.js";

const alpha = 0.1;
const square = defineProblem({
  theta: () => ({ start: f32([3, -1]) }),
  task: () => ({ target: f32([1, 2]) }),
  init: theta => ({ at: theta.start }),
  inner: { loss: (_, { at }, { target }) => np.square(at.sub(target)).sum(), rate: alpha, steps: 5 },
  outer: (_, { at }, { target }) => at.sub(target).sum(),
});
/** φ_j of the problem above: t + (1 − 2α)^j (φ₀ − t). */
const squareAt = (j: number) => [3, -1].map((x, i) => [1, 2][i] + (1 - 2 * alpha) ** j * (x - [1, 2][i]));
const squareLoss = (j: number) => squareAt(j).reduce((sum, x, i) => sum + (x - [1, 2][i]) ** 2, 0);

describe("the trained inner model", () => {
  test.each([0, 1, 5, 40])("is the closed form's after %i steps, with its losses and its states", async innerSteps => {
    const states = [innerSteps, 0, Math.floor(innerSteps / 2), 0];
    const { phi, losses, outer, phis } = await adapt(square, { innerSteps, states, dtype: "float64" });
    const close = (got: ArrayLike<number>, wanted: number[]) => {
      expect(got.length).toBe(wanted.length);
      wanted.forEach((x, i) => expect(got[i]).toBeCloseTo(x, 12));
    };
    expect(phi.at.dtype).toBe("float64");
    close(phi.at.data, squareAt(innerSteps));
    close(
      losses!,
      Array.from({ length: innerSteps + 1 }, (_, j) => squareLoss(j)),
    );
    close([outer], [squareAt(innerSteps).reduce((sum, x, i) => sum + x - [1, 2][i], 0)]);
    expect(phis).toHaveLength(4);
    states.forEach((j, i) => close(phis[i].at.data, squareAt(j)));
  });

  test("has the type of φ", async () => {
    const { phi, phis } = await adapt(square, { states: [0] });
    expectTypeOf(phi).toEqualTypeOf<{ at: HostArray }>();
    expectTypeOf(phis[0].at).toEqualTypeOf<HostArray>();
    interface Layer {
      readonly w: Value;
    }
    const layers = defineProblem({
      theta: () => [{ w: f32([1]) }],
      task: () => f32([1]),
      init: (theta): Layer[] => theta,
      inner: { loss: (_, [{ w }], task) => w.mul(task).sum(), rate: 0.1, steps: 1 },
      outer: (_, [{ w }]) => w.sum(),
    });
    const adapted = await adapt(layers);
    expectTypeOf(adapted.phi[0].w).toEqualTypeOf<HostArray>();
    expect(adapted.phi).toEqual([{ w: f32([Math.fround(1 - 0.1)]) }]);
    // A problem whose types are not known takes and gives any tree.
    const any: Problem = square;
    const { phi: tree } = await adapt(any);
    expectTypeOf(tree).toEqualTypeOf<HostTree>();
    expect(numbersOf(tree)).toHaveLength(2);
  });

  describe.each(samples)("of $name", ({ problem }) => {
    test.each(["float32", "float64"] as const)("is that of hypergradient, bit for bit, in %s", async dtype => {
      for (const create of [createWasmExecutor, createReferenceExecutor]) {
        const executor = create();
        for (const innerSteps of [0, 1, problem.steps]) {
          const { outer, phi, losses } = await adapt(problem, { dtype, innerSteps, executor, seed: 4 }),
            { loss } = await hypergradient(problem, { dtype, innerSteps, executor, seed: 4 });
          expect(Object.is(outer, loss), `${outer} and ${loss}`).toBe(true);
          expect(numbersOf(phi).length).toBeGreaterThan(0);
          if (losses) expect(losses).toHaveLength(innerSteps + 1);
        }
        executor.dispose();
      }
    });

    test("is the same where answers come later", async () => {
      const later = countingExecutor(createWasmExecutor(), { later: true }),
        there = await adapt(problem, { states: [0], executor: createWasmExecutor() }),
        came = await adapt(problem, { states: [0], executor: later });
      expect([came.phi, ...came.phis].map(bitsOf)).toEqual([there.phi, ...there.phis].map(bitsOf));
      expect(came.losses).toEqual(there.losses);
      expect(came.outer).toBe(there.outer);
    });
  });

  test("takes the batch of the step for its loss, and that of the last step for the last one", async () => {
    const problem = defineProblem({
      theta: () => f32([0]),
      task: () => f32([1, 10, 100]),
      init: theta => theta,
      inner: { loss: (_, phi, task, step) => phi.sum().add(np.take(task, step)), rate: 1, steps: 3 },
      outer: (_, phi) => phi.sum(),
    });
    const { losses, phi } = await adapt(problem);
    expect(losses).toEqual([1, 9, 98, 97]);
    expect(phi).toEqual(f32([-3]));
  });

  test("of an inner step of one's own has no losses; its optimizer's state goes along", async () => {
    const momentum = defineProblem({
      theta: () => f32([1]),
      task: () => f32([0]),
      init: theta => theta,
      inner: {
        steps: 4,
        state: (_, phi) => ({ v: np.zerosLike(phi) }),
        step: (_, { phi, state: { v } }) => {
          const next = v.mul(0.5).add(phi);
          return { phi: phi.sub(next.mul(0.25)), state: { v: next } };
        },
      },
      outer: (_, phi) => phi.sum(),
    });
    let [x, v] = [1, 0];
    for (let j = 0; j < 4; j++) [x, v] = [x - 0.25 * (0.5 * v + x), 0.5 * v + x];
    const { phi, losses, outer } = await adapt(momentum);
    expect([phi.data[0], outer, losses]).toEqual([x, x, undefined]);
  });

  test("is of the θ and the task that were given, and of those of the seed otherwise", async () => {
    const given = await adapt(square, { theta: { start: f64([1, 2]) }, task: { target: f32([1, 2]) } });
    expect(given.phi.at).toEqual(f32([1, 2]));
    expect(given.losses).toEqual([0, 0, 0, 0, 0, 0]);
    const drawn = defineProblem({
      theta: r => r.normal([2]),
      task: sampled(key => ({ x: random.normal(key, [2]) })),
      init: theta => theta,
      inner: { loss: (_, phi, { x }) => phi.mul(x).sum(), rate: 0.1, steps: 2 },
      outer: (_, phi, { x }) => phi.mul(x).sum(),
    });
    const outers = await Promise.all([1, 2].map(async seed => (await adapt(drawn, { seed })).outer)),
      losses = await Promise.all([1, 2].map(async seed => (await hypergradient(drawn, { seed })).loss));
    expect(outers).toEqual(losses);
    expect(outers[0]).not.toBe(outers[1]);
  });

  test("can be asked for by several at once", async () => {
    const starts = Array.from({ length: 5 }, (_, i) => ({ start: f32([i, -i]) })),
      executor = countingExecutor(createWasmExecutor(), { later: true }),
      alone: string[] = [];
    for (const theta of starts) alone.push(bitsOf((await adapt(square, { theta })).phi));
    const together = await Promise.all(starts.map(theta => adapt(square, { theta, executor })));
    expect(together.map(({ phi }) => bitsOf(phi))).toEqual(alone);
  });
});

describe("memory", () => {
  test("is the same for 10 steps and for 20,000, and is given back", async () => {
    const executor = countingExecutor(createWasmExecutor());
    await adapt(everywhere.problem, { innerSteps: 1, executor });
    const resident = executor.usage(),
      peaks: number[] = [];
    for (const innerSteps of [600, 20_000]) {
      executor.restart();
      await adapt(everywhere.problem, { innerSteps, executor });
      peaks.push(executor.peak());
      expect(executor.usage()).toEqual(resident);
    }
    expect(peaks[1]).toBe(peaks[0]);
  });

  test("one compiled problem does for any number of steps", async () => {
    const executor = countingExecutor(createWasmExecutor());
    await adapt(square, { innerSteps: 1, executor });
    const { buffers } = executor.usage();
    for (let innerSteps = 2; innerSteps < 20; innerSteps++) await adapt(square, { innerSteps, executor });
    expect(executor.usage().buffers).toBe(buffers);
  });

  test.each([false, true])("is given back whatever throws (answers later: %s)", async later => {
    for (const { problem } of [everywhere, adamInside]) {
      const executor = countingExecutor(createWasmExecutor(), { later }),
        call = () => adapt(problem, { executor, states: [0, 1] });
      const whole = bitsOf((await call()).phi),
        resident = executor.usage().buffers;
      let failing = 0;
      for (let done = false; !done;) {
        failing++;
        let calls = 0;
        executor.before = name => {
          if (++calls === failing) throw new Error(`${name} is out of memory`);
        };
        const outcome = await call().then(
          ({ phi }) => bitsOf(phi),
          (error: Error) => error.message,
        );
        executor.before = () => {};
        expect(executor.usage().buffers).toBe(resident);
        done = calls < failing;
        if (done) expect(outcome).toBe(whole);
        else expect(outcome).toMatch(/^(init|step|innerLoss|outer|read) is out of memory$/);
      }
      expect(failing).toBeGreaterThan(8);
    }
  });
});

describe("an abort", () => {
  test("is heard within the loop, by a timer of its own", async () => {
    const control = new AbortController(),
      reason = new Error("enough");
    const executor = createWasmExecutor(),
      endless = adapt(square, { innerSteps: 1e12, losses: false, signal: control.signal, executor });
    setTimeout(() => control.abort(reason), 1);
    await expect(endless).rejects.toBe(reason);
    const left = executor.usage().buffers;
    await expect(adapt(square, { signal: control.signal, executor })).rejects.toBe(reason);
    // What is kept for the next call, and nothing of the loop's own: θ and the task.
    expect(left).toBe(2);
  });
});

describe("what cannot be meant is refused", () => {
  const call = (options: object, problem: object = square) => adapt(problem as typeof square, options);
  test.each<[string, () => Promise<unknown>, string]>([
    ["no problem", () => call({}, {}), "ufom: adapt takes a problem that defineProblem made; received {  }."],
    ["an estimator", () => call({ estimator: "exact" }), "ufom: adapt takes the options"],
    ["a misspelled option", () => call({ innersteps: 3 }), "(did you mean innerSteps?)"],
    [
      "a state beyond the last",
      () => call({ states: [0, 6] }),
      "must be whole numbers from 0 to 5, the number of inner steps; received 6 at 1.",
    ],
    ["half a state", () => call({ states: [0.5] }), "received 0.5 at 0."],
    ["one number for the states", () => call({ states: 3 }), "ufom: adapt's states must be a list of numbers of inner steps; received 3."],
    ["half a step", () => call({ innerSteps: 0.5 }), "must be a whole number of at least 0; received 0.5."],
    ["another θ", () => call({ theta: { start: f32([1]) } }), "ufom: adapt's theta must keep start at float32[2]; received float32[1]."],
    ["no θ", () => call({ theta: 3 }), "ufom: adapt's theta must be a tree of arrays; received 3."],
    ["another precision", () => call({ dtype: "float16" }), 'ufom: dtype must be float32 or float64; received "float16".'],
  ])("%s", async (_, refused, sentence) => {
    await expect(refused()).rejects.toThrow(sentence);
  });
});
