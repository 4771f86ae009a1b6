import { describe, expect, test } from "vitest";
import { stream } from "../../src/core/random/index.js";
import {
  adapted,
  curvature,
  divergenceProblem,
  objective,
  slope,
  tradeOffProblem,
  value,
  type ScalarTask,
} from "../../cli/src/problems/toy/family.js";
import { curve, maml } from "../support/scalar.js";

const random = stream(7, "family");
const between = (low: number, high: number): number => low + (high - low) * random.next();
const randomTask = (): ScalarTask => ({ a: between(0.1, 3), b: between(-5, 5), width: between(0.1, 5) });
const curveOf = ({ a, b, width }: ScalarTask): { a: number; b: number; A: number } => ({ a, b, A: width });

describe("the scalar family", () => {
  test("f, f′ and f″ equal the three pieces of the definition", () => {
    for (let i = 0; i < 500; i++) {
      const task = randomTask();
      const x = between(-30, 30);
      const { f, d1, d2 } = curve(curveOf(task), x);
      expect(value(task, x)).toBeCloseTo(f, 11);
      expect(slope(task, x)).toBeCloseTo(d1, 12);
      expect(curvature(task, x)).toBeCloseTo(d2, 12);
    }
  });

  test("f′ and f″ are the derivatives: central differences", () => {
    for (let i = 0; i < 500; i++) {
      const task = randomTask();
      const [x, h] = [between(-12, 12), 1e-5];
      expect((value(task, x + h) - value(task, x - h)) / (2 * h)).toBeCloseTo(slope(task, x), 7);
      const z = Math.abs(x - task.b / task.a);
      if (Math.min(Math.abs(z - task.width), Math.abs(z - task.width - 1)) < h) continue; // f″ has kinks here
      expect((slope(task, x + h) - slope(task, x - h)) / (2 * h)).toBeCloseTo(curvature(task, x), 7);
    }
  });

  test("f, f′ and f″ are continuous where the pieces meet, and even, odd and even about b/a", () => {
    for (let i = 0; i < 200; i++) {
      const task = randomTask();
      for (const z of [task.width, task.width + 1]) {
        for (const of of [value, slope, curvature]) {
          const at = (offset: number): number => of(task, task.b / task.a + offset);
          expect(at(z + 1e-9)).toBeCloseTo(at(z - 1e-9), 6);
          expect(at(-z)).toBeCloseTo(of === slope ? -at(z) : at(z), 9);
        }
      }
      expect(slope(task, 1e6)).toBeCloseTo(task.a / 2 + task.a * task.width, 9);
    }
  });

  test("gradients of one task: the chain rule written apart, and central differences of the loss", () => {
    for (let i = 0; i < 300; i++) {
      const [task, theta] = [randomTask(), between(-20, 20)];
      const loop = { rate: between(0.001, 0.5), steps: random.integer(15) };
      const outcome = adapted(task, theta, loop);
      const apart = maml(curveOf(task), theta, loop.rate, loop.steps);
      expect(outcome.loss).toBeCloseTo(apart.loss, 10);
      expect(outcome.exact).toBeCloseTo(apart.exact, 12);
      expect(outcome.firstOrder).toBeCloseTo(apart.firstOrder, 12);
      const h = 1e-5;
      const numeric = (adapted(task, theta + h, loop).loss - adapted(task, theta - h, loop).loss) / (2 * h);
      expect(Math.abs(numeric - outcome.exact)).toBeLessThan(1e-6 * Math.max(1, Math.abs(outcome.exact)));
    }
  });
});

describe("the divergence problem", () => {
  test.each([0.06, 0.001, 1])("at its first-order fixed point |∇M| = √(2·%d)", gap => {
    const { tasks, loop, firstOrderFixedPoint, gradientNormThere } = divergenceProblem(gap);
    const there = objective(tasks, firstOrderFixedPoint, loop);
    expect(gradientNormThere).toBe(Math.sqrt(2 * gap));
    expect(there.firstOrder).toBeCloseTo(0, 12);
    expect(Math.abs(there.exact)).toBeCloseTo(gradientNormThere, 12);
  });

  test("the fixed point lies where both tasks are parabolas along the whole inner loop", () => {
    const { tasks, firstOrderFixedPoint } = divergenceProblem();
    for (const task of tasks) expect(Math.abs(firstOrderFixedPoint - task.b / task.a)).toBeLessThan(task.width);
  });

  test("descent with γ_k = 10/k: first-order settles at |∇M| ≈ 0.346, exact at 0, from every start", () => {
    const { tasks, loop } = divergenceProblem();
    for (const start of [-10, -3, 0, 8, 19, 30]) {
      for (const [kind, limit] of [
        ["firstOrder", Math.sqrt(0.12)],
        ["exact", 0],
      ] as const) {
        let theta = start;
        for (let k = 1; k <= 10_000; k++) theta -= (10 / k) * objective(tasks, theta, loop)[kind];
        expect(Math.abs(objective(tasks, theta, loop).exact), `${kind} from ${start}`).toBeCloseTo(limit, 3);
      }
    }
  });

  test("its constants, by hand for the first task", () => {
    const { tasks, loop } = divergenceProblem();
    expect(loop).toEqual({ rate: 0.1, steps: 10 });
    expect(tasks.map(({ a }) => a)).toEqual([0.5, 1.5]);
    expect(tasks[0].b).toBe(0);
    expect(tasks[0].width).toBe(tasks[1].b / 1.5 + 1);
    expect(tasks[1].width).toBe(tasks[0].width);
  });

  test.each([0, -1, NaN, Infinity])("refuses a gap of %d", gap => {
    expect(() => divergenceProblem(gap)).toThrow(`ufom: divergenceProblem wants a positive gap; received ${gap}.`);
  });
});

test("the trade-off problem is the method's", () => {
  expect(tradeOffProblem(0.01)).toEqual({
    tasks: [
      { a: 0.5, b: 0, width: 400 },
      { a: 1.5, b: 10, width: 400 },
    ],
    loop: { rate: 0.01, steps: 10 },
  });
  expect(() => tradeOffProblem(0)).toThrow("ufom: tradeOffProblem wants a positive inner step size; received 0.");
});
