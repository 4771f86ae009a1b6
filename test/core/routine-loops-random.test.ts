import { expect, test, vi } from "vitest";
import type { Buffer, Estimator, Formula, Problem } from "../../src/index.js";
import { certain, createWasmExecutor, defineProblem, np } from "../../src/index.js";
import { Pauses } from "../../src/core/evaluation/pauses.js";
import { recording } from "../../src/core/batch/recordings.js";
import { Tape } from "../../src/core/evaluation/tape.js";
import type { Routine } from "../../src/executors/executor.js";
import { isLoop, isSequence, sumOverCalls } from "../../src/executors/executor.js";
import { countingExecutor } from "../support/counting-executor.js";
import { estimateAt, pointOf } from "../support/estimates.js";
import * as fc from "../support/fast-check.js";
import { bitsOf } from "../support/gradients.js";

/** Which of the arrays that are held: so many from the newest, or from the oldest. */
interface Which {
  readonly newest: boolean;
  readonly back: number;
}
type Op =
  | { readonly kind: "make"; readonly a: Which; readonly b: Which; readonly fixed: number | null }
  | { readonly kind: "drop"; readonly which: Which }
  | { readonly kind: "loop"; readonly times: number; readonly body: readonly Op[] };

/** (x, y, j) ↦ something of the type of x. */
const mix: Formula = { name: "mix", of: ([x], [y], [j]) => [x.mul(0.75).add(y.sum().mul(0.125)).add(j.astype(x.dtype).mul(0.001))] };
const total: Formula = { name: "total", of: ([l], [x]) => [l.add(x.sum())] };
const first: Formula = { name: "first", of: ([x]) => [x.sum()] };
const most = 300;

/** A plan made of random loops of calls, in which arrays are made of what is held and given back, by rules that are the same in each round. */
const planOf = (ops: readonly Op[]): Estimator => ({
  name: "random loops",
  facts: { bias: "none", random: false, oneTask: false, states: () => 1 },
  init: () => null,
  draw: () => certain,
  outcomes: () => [certain],
  async evaluate(at) {
    const { machine, theta } = at,
      held: Buffer[] = [];
    let j = 0;
    const find = ({ newest, back }: Which) => (newest ? held.length - 1 - (back % held.length) : back % held.length);
    const make = async (x: Buffer, y: Buffer, index: number) => held.push((await machine.run(mix, [x], [y], [machine.index(index)]))[0]);
    for (const leaf of theta) await make(leaf, theta[0], 7);
    const run = async (list: readonly Op[]): Promise<void> => {
      for (const op of list) {
        if (op.kind === "make" && held.length < most) await make(held[find(op.a)], held[find(op.b)], op.fixed ?? j++);
        else if (op.kind === "drop" && held.length > 2) machine.release(held.splice(find(op.which), 1));
        else if (op.kind === "loop") for (let k = 0; k < op.times; k++) await run(op.body);
      }
    };
    await run(ops);
    let loss = (await machine.run(total, [theta[1]], [theta[0]]))[0];
    loss = (await machine.run(first, [loss]))[0];
    for (const x of held) {
      const [next] = await machine.run(total, [loss], [x]);
      machine.release([loss]);
      loss = next;
    }
    const gradient = [];
    for (const leaf of theta) gradient.push((await machine.run(mix, [leaf], [held[held.length - 1]], [machine.index(j)]))[0]);
    return { loss, gradient };
  },
});

const which = fc.record({ newest: fc.boolean(), back: fc.nat(4) });
const make = fc.record({ kind: fc.constant("make" as const), a: which, b: which, fixed: fc.option(fc.nat(40_000)) });
const drop = fc.record({ kind: fc.constant("drop" as const), which });
const loopOf = (body: fc.Arbitrary<Op>, most: number): fc.Arbitrary<Op> =>
  fc.record({
    kind: fc.constant("loop" as const),
    times: fc.integer({ min: 1, max: most }),
    body: fc.array(body, { minLength: 1, maxLength: 4 }),
  });
const inner: fc.Arbitrary<Op> = fc.oneof({ weight: 3, arbitrary: make }, { weight: 2, arbitrary: drop }),
  middle = fc.oneof({ weight: 3, arbitrary: inner }, { weight: 1, arbitrary: loopOf(inner, 12) }),
  outer = fc.oneof({ weight: 1, arbitrary: inner }, { weight: 2, arbitrary: loopOf(middle, 60) });

const problem = defineProblem({
  theta: random => ({ a: random.normal([3]), b: random.normal([20]), c: random.normal([3]) }),
  task: random => random.normal([3]),
  init: theta => theta,
  inner: { loss: (_, phi, y) => np.square(phi.a.sub(y)).sum(), rate: 0.1, steps: 1 },
  outer: (_, phi) => np.square(phi.a).sum(),
}) as unknown as Problem;

test("random loops of calls on arrays that come and go: recorded they have the bits of single calls, paused anywhere or not", async () => {
  const executor = createWasmExecutor(),
    link = executor.link!.bind(executor),
    single = countingExecutor(createWasmExecutor());
  let steps: Routine["parts"][number] = [];
  executor.link = routine => {
    steps = routine.parts.flat();
    return link(routine);
  };
  const written = (list: Routine["parts"][number]): number =>
      list.reduce((n, s) => n + 1 + (isSequence(s) ? written(s.kinds) : isLoop(s) ? written(s.body) : 0), 0),
    nested = (list: Routine["parts"][number]): boolean => list.some(s => isLoop(s) && s.body.some(isLoop)),
    found = { loops: 0, nested: 0, moving: 0, sequences: 0, loopsInSequences: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(outer, { minLength: 1, maxLength: 4 }), fc.nat(), async (ops, seed) => {
      const a = await pointOf(problem, { executor }),
        b = await pointOf(problem, { executor: single }),
        estimator = planOf(ops);
      const expected = await estimateAt(b, estimator);
      if ((seed & 3) === 0) vi.spyOn(Tape, "long", "get").mockReturnValue(6);
      await recording(a.compiled, estimator, [certain]);
      vi.restoreAllMocks();
      for (const paused of [false, true]) {
        if (paused) {
          let random = seed;
          vi.spyOn(Pauses.prototype, "due").mockImplementation(() => {
            random = (Math.imul(random, 1103515245) + 12345) | 0;
            return ((random >>> 16) & 1) === 0;
          });
        }
        const got = await estimateAt(a, estimator);
        vi.restoreAllMocks();
        expect([got.loss, bitsOf(got.gradient)]).toEqual([expected.loss, bitsOf(expected.gradient)]);
      }
      const calls = sumOverCalls(steps, () => 1);
      if (written(steps) < calls / 2) found.loops++;
      if (nested(steps)) found.nested++;
      const sequences = steps.filter(isSequence);
      if (sequences.length) found.sequences++;
      if (sequences.some(({ kinds }) => kinds.some(isLoop))) found.loopsInSequences++;
      if (steps.some(s => isLoop(s) && s.strides.some(stride => stride > 0) && s.times > 128)) found.moving++;
      a.compiled.dispose();
      b.compiled.dispose();
      expect(executor.usage()).toEqual({ buffers: 0, bytes: 0 });
    }),
    { numRuns: 150 },
  );
  // What is to be shown is there.
  expect(found.loops).toBeGreaterThan(50);
  expect(found.nested).toBeGreaterThan(20);
  expect(found.moving).toBeGreaterThan(3);
  expect(found.sequences).toBeGreaterThan(10);
  expect(found.loopsInSequences).toBeGreaterThan(5);
});
