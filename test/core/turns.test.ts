// The event loop turns while something is computed, however long one evaluation takes, and an abort is heard there.
import { describe, expect, test } from "vitest";
import { adam, createWasmExecutor, defineProblem, np, parseEstimator, type Checkpoint } from "../../src/index.js";
import { estimate } from "../../src/core/batch/estimate.js";
import { Pace, Pauses } from "../../src/core/evaluation/pauses.js";
import { solveWith } from "../../src/core/solve/solve.js";
import { inlineTeam } from "../../src/team/inline.js";
import { countingExecutor } from "../support/counting-executor.js";
import { outcomeOf, outcomesOf, pointOf } from "../support/estimates.js";
import { longLoop } from "../support/long-loop.js";
import { bitsOf } from "../support/gradients.js";
import { adamInside, everywhere, initialization } from "../support/problems.js";

/** Steps of products of 128 × 128 matrices, recorded as one routine: a call is longer than what is played between two looks at the clock. */
const wide = defineProblem({
  theta: random => random.normal([128, 128]),
  task: random => random.normal([128, 128]),
  init: theta => theta,
  inner: { loss: (_, phi, task) => np.square(np.matmul(phi, task).sub(1)).mean(), rate: 0.01, steps: 20 },
  outer: (_, phi, task) => np.square(np.matmul(task, phi)).mean(),
});

/** A clock that is moved by hand, and turns that are counted. */
function surroundings(onTurn: () => void = () => {}) {
  const self = {
    time: 0,
    turns: 0,
    now: () => self.time,
    turn: async () => {
      self.turns++;
      onTurn();
      await Promise.resolve();
    },
  };
  return self;
}

/** Pauses at every chance. */
const always = (onTurn?: () => void, signal?: AbortSignal) => {
  const around = surroundings(onTurn);
  return { around, pauses: new Pauses(signal, new Pace({ ...around, now: () => (around.time += 1000), turn: around.turn }, 20)) };
};

describe("the pace", () => {
  test("is due when the time is spent, and stays so until the loop has turned", async () => {
    const around = surroundings(),
      pace = new Pace(around, 20);
    around.time = 19;
    expect(pace.due(1e9)).toBe(false);
    around.time = 20;
    expect(pace.due(1e9)).toBe(true);
    expect(pace.due(0)).toBe(true);
    await pace.turn();
    expect(around.turns).toBe(1);
    expect(pace.due(1e9)).toBe(false);
  });

  test.each([0.1, 5, 1000, 1e5])("looks rarely at the clock, and is not late, where a unit takes %d ns", async nanoseconds => {
    const around = surroundings();
    let looks = 0,
      calls = 0,
      longest = 0,
      turned = 0;
    const pace = new Pace({ now: () => (looks++, around.time), turn: around.turn }, 20),
      effort = 500;
    for (; calls < 200_000 && around.time < 60_000; calls++) {
      around.time += (effort * nanoseconds) / 1e6;
      if (!pace.due(effort)) continue;
      // The first stretch is the one in which it learns how long a unit takes.
      if (around.turns > 0) longest = Math.max(longest, around.time - turned);
      await pace.turn();
      turned = around.time;
    }
    const call = (effort * nanoseconds) / 1e6;
    expect(around.turns).toBeGreaterThan(around.time / (20 + 2 * call + 4) - 2);
    expect(longest).toBeLessThan(20 + 4 + 2 * call);
    // A look a millisecond, where a millisecond has several calls.
    expect(looks).toBeLessThan(Math.min(calls, 4 * around.time) + 3 * around.turns + 40);
  });
});

describe("within an evaluation", () => {
  const estimators = ["first-order:mixed", "exact", "exact:recompute", "exact:checkpoint=2", "truncated:2", "ufom:1", "ufom:0.5:store"],
    more = ["forward", "implicit:cg=3", "implicit:neumann=3", "es:2"];

  test.each([...estimators, ...more])(
    "%s, call by call: a turn before each call whose time has come, and the same bits",
    async spelling => {
      for (const { problem } of [everywhere, adamInside])
        for (const later of [false, true]) {
          const around = surroundings(),
            executor = countingExecutor(createWasmExecutor(), { later }),
            point = await pointOf(problem, { executor }),
            estimator = parseEstimator(spelling),
            job = { task: point.task, choice: outcomeOf(estimator, point.theta) },
            plain = await estimate(point.compiled, estimator, point.theta, job);
          executor.restart();
          // A call takes ten milliseconds: every second one comes after a turn.
          executor.before = () => void (around.time += 10);
          const paced = await estimate(point.compiled, estimator, point.theta, job, new Pauses(undefined, new Pace(around, 20))),
            calls = [...executor.runs.values()].reduce((a, b) => a + b, 0);
          expect(bitsOf(paced.gradient)).toBe(bitsOf(plain.gradient));
          expect(paced.counts).toEqual(plain.counts);
          // The clock is first looked at after the effort of some calls.
          expect(around.turns).toBeGreaterThan(0);
          expect(around.turns).toBeLessThanOrEqual(calls / 2);
        }
    },
  );

  test("a loop that is too long to be recorded turns after each stretch of time", async () => {
    const around = surroundings(),
      executor = countingExecutor(createWasmExecutor()),
      point = await pointOf(longLoop(100_000), { executor }),
      estimator = parseEstimator("first-order"),
      job = { task: point.task, choice: outcomeOf(estimator, point.theta) };
    executor.before = () => void (around.time += 1);
    await estimate(point.compiled, estimator, point.theta, job, new Pauses(undefined, new Pace(around, 20)));
    expect(around.turns).toBeGreaterThan(100_000 / 23);
    expect(around.turns).toBeLessThanOrEqual(100_000 / 20);
  });

  test.each(["exact", "exact:checkpoint=2", "ufom:0.5", "first-order"])(
    "%s as a routine: it pauses between calls, with the same bits",
    async spelling => {
      const executor = createWasmExecutor(),
        point = await pointOf(wide, { executor, dtype: "float32" }),
        estimator = parseEstimator(spelling);
      for (const choice of outcomesOf(estimator, point.theta)) {
        const { around, pauses } = always(),
          job = { task: point.task, choice },
          plain = await estimate(point.compiled, estimator, point.theta, job),
          paced = await estimate(point.compiled, estimator, point.theta, job, pauses);
        expect(bitsOf(paced.gradient)).toBe(bitsOf(plain.gradient));
        expect(paced.loss).toBe(plain.loss);
        // Each call is a stretch of its own.
        expect(around.turns).toBeGreaterThanOrEqual(plain.counts.step - 1);
      }
    },
  );

  test("evaluations at once take turns in a routine, and an abort of one leaves the others alone", async () => {
    const point = await pointOf(wide, { dtype: "float32" }),
      estimator = parseEstimator("exact"),
      choice = outcomeOf(estimator, point.theta),
      thetas = [1, 2, 3, 4].map(seed => wide.theta(seed)),
      job = { task: point.task, choice },
      alone: string[] = [];
    for (const theta of thetas) alone.push(bitsOf((await estimate(point.compiled, estimator, theta, job)).gradient));
    const resident = point.compiled.executor.usage();
    const controller = new AbortController();
    let turns = 0;
    const together = await Promise.allSettled(
      thetas.map((theta, i) => {
        const { pauses } = always(() => ++turns === 30 && controller.abort(new Error("enough")), i === 1 ? controller.signal : undefined);
        return estimate(point.compiled, estimator, theta, job, pauses);
      }),
    );
    expect(turns).toBeGreaterThan(30);
    expect(together.map(one => (one.status === "fulfilled" ? bitsOf(one.value.gradient) : (one.reason as Error).message))).toEqual([
      alone[0],
      "enough",
      alone[2],
      alone[3],
    ]);
    // θ of those who wait lie beside each other; nothing else is left.
    point.compiled.forgetTrees();
    expect(point.compiled.executor.usage().buffers - resident.buffers).toBeLessThanOrEqual(thetas.length);
    point.compiled.dispose();
    expect(point.compiled.executor.usage()).toEqual({ buffers: 0, bytes: 0 });
  });

  test("what is disposed of while a routine pauses is given back when it has ended; a disposed executor ends it with a sentence", async () => {
    const estimator = parseEstimator("exact");
    for (const dispose of ["problem", "executor"] as const) {
      const executor = createWasmExecutor(),
        point = await pointOf(wide, { executor, dtype: "float32" }),
        job = { task: point.task, choice: outcomeOf(estimator, point.theta) },
        right = bitsOf((await estimate(point.compiled, estimator, point.theta, job)).gradient);
      let turns = 0;
      const { pauses } = always(() => ++turns === 5 && (dispose === "problem" ? point.compiled : executor).dispose());
      const answer = await estimate(point.compiled, estimator, point.theta, job, pauses).then(
        ({ gradient }) => bitsOf(gradient),
        (error: Error) => error.message,
      );
      expect(answer).toBe(
        dispose === "problem" ? right : "ufom: a routine runs until it or its executor is disposed; received a disposal while it paused.",
      );
      await new Promise(resolve => setImmediate(resolve));
      expect(executor.usage()).toEqual({ buffers: 0, bytes: 0 });
    }
  });
});

describe("a run", () => {
  const options = { estimator: "exact", outer: adam(0.01), outerSteps: 12, metaBatch: 2, seed: 3 } as const;

  test.each([initialization, everywhere])(
    "$name: what is read while it pauses is the state between two steps, and resumes to the same bits",
    async ({ problem }) => {
      const executor = createWasmExecutor(),
        context = () => ({ executor, team: inlineTeam }),
        whole = await solveWith(problem, options, context()).result();
      for (const watched of [true, false]) {
        const saved: Checkpoint[] = [];
        // The first turn comes before there is a state.
        const { pauses } = always(() => {
          if (started) saved.push(run.checkpoint());
        });
        let started = false;
        const run = solveWith(problem, options, { ...context(), pauses });
        if (watched) for await (const step of run) started ||= step.index > 0;
        else {
          started = false;
          const result = run.result();
          await Promise.resolve();
          started = true;
          await result;
        }
        const result = await run.result();
        expect(bitsOf(result.theta)).toBe(bitsOf(whole.theta));
        expect(saved.length).toBeGreaterThan(5);
        for (const resume of [saved[0], saved[5], saved.at(-1)!]) {
          const again = await solveWith(problem, { ...options, resume }, context()).result();
          expect([resume.index, bitsOf(again.theta), again.counts]).toEqual([resume.index, bitsOf(whole.theta), whole.counts]);
        }
      }
    },
  );

  test("rows that are cut short by the clock have the bits of single steps", async () => {
    const { problem } = everywhere,
      long = { ...options, task: undefined, metaBatch: 1, outerSteps: 300, estimator: "ufom:0.3" } as const,
      executor = createWasmExecutor(),
      plain = solveWith(problem, long, { executor, team: inlineTeam });
    for await (const { index } of plain) expect(index).toBeGreaterThan(0);
    const { pauses, around } = always(),
      cut = await solveWith(problem, long, { executor, team: inlineTeam, pauses }).result();
    expect(around.turns).toBeGreaterThan(0);
    expect(bitsOf(cut.theta)).toBe(bitsOf((await plain.result()).theta));
  });
});
