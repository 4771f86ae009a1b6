// Stepwise UFOM: all 2^r outcomes of the coins, weighted by their probabilities, sum to the exact gradient.
import { describe, expect, test } from "vitest";
import { evenSteps, exact, fixedSteps, grad, np, stepwise, stream, tree, vjp, type Value } from "../../src/index.js";
import { recording } from "../../src/core/batch/recordings.js";
import { estimateAt, gradientAt, meanAt, outcomesOf, pointOf } from "../support/estimates.js";
import { distance } from "../support/gradients.js";
import { namedAdam, namedMomentum } from "../support/named-optimizers.js";
import {
  adamInside,
  everywhere,
  initialization,
  net,
  netAt,
  normal64,
  sample,
  sampleWeights,
  squares,
  stepRates,
} from "../support/problems.js";

/** Each step has a minibatch of its own. */
const minibatches = sample({
  name: "minibatches",
  theta: random => ({ start: netAt(random), weight: normal64(random, [6]) }),
  task: random => ({ x: normal64(random, [6, 7, 3]), y: normal64(random, [6, 7, 2]) }),
  init: theta => theta.start,
  inner: {
    loss: ({ weight }, phi, { x, y }, step) =>
      squares(net(phi, np.take(x, step, 0)), np.take(y, step, 0)).mul(np.exp(np.take(weight, step).mul(0.3))),
    rate: 0.15,
    steps: 6,
  },
  outer: (_, phi, { x, y }) => squares(net(phi, np.take(x, 0, 0)), np.take(y, 5, 0)),
});

/** Steps of the user's own: a learned momentum and decay, and a gradient by `vjp` over a nonlinear rule. */
const ownMomentum = sample({
  name: "a momentum of one's own",
  theta: random => ({ start: netAt(random), logit: normal64(random, [], 0.3), decay: normal64(random, [], 0.1, -3) }),
  task: random => ({ x: normal64(random, [7, 3]), y: normal64(random, [7, 2]) }),
  init: theta => theta.start,
  inner: {
    state: (_, phi) => tree.zerosLike(phi),
    step: ({ logit, decay }, { phi, state }, { x, y }) => {
      const g = grad((p: typeof phi) => squares(net(p, x), y))(phi),
        mu = np.tanh(logit).mul(0.4).add(0.5),
        m = tree.map((v: Value, d: Value) => v.mul(mu).add(d), state, g);
      return { phi: tree.map((p: Value, v: Value) => p.mul(np.exp(decay).neg().add(1)).sub(v.mul(0.1)), phi, m), state: m };
    },
    steps: 5,
  },
  outer: (_, phi, { x, y }) => squares(net(phi, x.mul(0.5)), y),
});
const ownSigns = sample({
  name: "soft signs by vjp",
  theta: random => ({ start: netAt(random) }),
  task: random => ({ x: normal64(random, [7, 3]), y: normal64(random, [7, 2]) }),
  init: theta => theta.start,
  inner: {
    state: () => ({}),
    step: (_, { phi, state }, { x, y }) => {
      const [loss, pull] = vjp((p: typeof phi) => squares(net(p, x), y), phi);
      return {
        phi: tree.map((p: Value, d: Value) => np.tanh(p.sub(np.tanh(d.mul(2)).mul(0.1)).mul(0.9)), phi, pull(np.onesLike(loss))),
        state,
      };
    },
    steps: 4,
  },
  outer: (_, phi, { x, y }) => squares(net(phi, x.mul(0.5)), y),
});

const all = [
  initialization,
  everywhere,
  sampleWeights,
  stepRates,
  namedMomentum,
  minibatches,
  adamInside,
  namedAdam,
  ownMomentum,
  ownSigns,
];

describe("the outcomes of all coins, weighted by their probabilities, sum to the exact gradient to rounding", () => {
  test.each(all)("$name", async ({ problem }) => {
    const point = await pointOf(problem, { innerSteps: Math.min(problem.steps, 6) }),
      expected = await gradientAt(point, exact()),
      r = point.compiled.steps,
      uneven = fixedSteps(Array.from({ length: r }, (_, i) => (i === 1 ? 1 : 0.25 + (0.7 * i) / r)));
    // A wrong weight or a C_j that sees its own coin is off by a hundredth and more.
    expect(distance(await meanAt(point, stepwise(uneven)), expected)).toBeLessThan(3e-13);
  });
});

describe("the outcomes themselves", () => {
  test("where every step is taken surely: the exact gradient, bit for bit", async () => {
    for (const { problem } of [everywhere, namedAdam, ownMomentum]) {
      const point = await pointOf(problem);
      expect(await gradientAt(point, stepwise(problem.steps))).toEqual(await gradientAt(point, exact()));
    }
  });

  test("states of visited steps only are held, one more where C_j reads a state; products are theirs", async () => {
    for (const [{ problem }, beside] of [
      [minibatches, 0],
      [namedMomentum, 0],
      [ownMomentum, 0],
      [namedAdam, 1],
    ] as const) {
      const point = await pointOf(problem),
        estimator = stepwise(2);
      for (const choice of outcomesOf(estimator, point.theta, point.compiled.steps)) {
        const n = (choice.plan as { readonly visited: readonly number[] }).visited.length,
          { peakStates, counts } = await estimateAt(point, estimator, choice);
        expect(peakStates).toBe(Math.max(1, n + beside));
        expect(counts).toEqual({ step: problem.steps, product: n, outer: 1 });
      }
    }
  });

  test("memory is asked for as many states as fall in all but one of 10⁹ draws", async () => {
    const { compiled } = await pointOf(initialization.problem),
      { facts } = stepwise(10);
    // The tail of a binomial distribution, n = 1000, p = 1/100: 1.6e-9 above 33, 4.4e-10 above 34.
    expect(facts.states(1000, compiled)).toBe(34);
    expect(facts.states(1000)).toBe(1001);
    expect(stepwise(15, { first: 14 }).facts.states(15, compiled)).toBe(15);
    expect(stepwise(fixedSteps([1, 1e-12, 1])).facts.states(3, compiled)).toBe(2);
  });

  test("few plans are recorded; of many, which hardly come again, none is", async () => {
    for (const [estimator, recorded] of [
      [stepwise(2), true],
      [stepwise(fixedSteps([0.5, 0.5, 0.5, 0.5, 1])), true],
      [stepwise(fixedSteps([0.5, 0.5, 0.5, 0.5, 0.5])), false],
    ] as const) {
      const { compiled, theta } = await pointOf(initialization.problem, { innerSteps: estimator.name === "ufom:steps=2" ? 4 : 5 }),
        choice = estimator.draw(estimator.init(theta, compiled.steps), stream(1, "draw"));
      expect((await recording(compiled, estimator, [choice])) !== undefined).toBe(recorded);
    }
  });

  test("its own tail: the largest norm of û, and of A û/(p û) at the steps with a coin", async () => {
    const point = await pointOf(everywhere.problem),
      estimator = stepwise(evenSteps(2, { first: 1 })),
      [choice] = outcomesOf(estimator, point.theta, point.compiled.steps),
      { tail, carry } = await estimateAt(point, estimator, choice),
      norms = carry.visits.map(({ data }) => data[2]),
      // From the last step on: û_4, û_3, û_2 have coins.
      growths = carry.visits.slice(0, 3).map(({ data }) => Math.sqrt(data[0] / data[2]));
    expect(tail!.growth).toBeCloseTo(Math.max(...growths), 12);
    expect(tail!.norm).toBeCloseTo(Math.sqrt(Math.max(...norms, carry.ends[1].data[0]) / carry.ends[0].data[0]), 12);
    expect(tail!.promised).toBeUndefined();
  });
});

describe("what has no mean that is exact, or nothing to leave out, is refused", () => {
  test("a clipped sweep, a step without a derivative, probabilities of another loop", async () => {
    const clipped = sample({ ...initialization.spec, name: "clipped", inner: { ...initialization.spec.inner, sweptClip: 1 } } as never),
      formula = sample({
        name: "formula",
        theta: random => normal64(random, [3]),
        task: random => normal64(random, [3]),
        init: theta => theta,
        inner: { state: () => ({}), step: (_, { phi, state }, task) => ({ phi: phi.sub(phi.sub(task).mul(0.1)), state }), steps: 3 },
        outer: (_, phi, task) => np.square(phi.sub(task)).sum(),
      });
    const refusal = async ({ problem }: typeof formula, estimator = stepwise(2)) => {
      const { compiled } = await pointOf(problem);
      try {
        estimator.check!(compiled);
      } catch (error) {
        return (error as Error).message.replace(/ \(defineProblem, .*?\)/, "");
      }
      return "nothing";
    };
    expect(await refusal(initialization)).toBe("nothing");
    expect(await refusal(ownSigns)).toBe("nothing");
    expect([await refusal(clipped), await refusal(formula), await refusal(initialization, stepwise(fixedSteps([1, 0.5])))])
      .toMatchInlineSnapshot(`
      [
        "ufom: ufom:steps=2 needs a sweep that is linear in u, as each factor is replaced by one of the same mean (exact, truncated and ufom of these clip); received a problem with inner.sweptClip: 1.",
        "ufom: ufom:steps=2 needs an inner.step that takes its gradient by grad, valueAndGrad, vjp or jvp, to tell what can be left out from what cannot; received a step that takes no derivative.",
        "ufom: ufom:steps:p=1,0.5 needs a probability for each of the 5 inner steps; received 2.",
      ]
    `);
  });
});
