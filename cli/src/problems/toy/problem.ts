import { defineProblem, np } from "ufom";
import type { HostArray, Problem, Random, Value } from "ufom";
import type { ScalarProblem, ScalarTask } from "./family.js";

const scalar = (x: number): HostArray => ({ shape: [], dtype: "float64", data: Float64Array.of(x) });

/** A task as data of the problem. */
const placed = ({ a, b, width }: ScalarTask) => ({ a: scalar(a), b: scalar(b), width: scalar(width) });
type Placed = ReturnType<typeof placed>;

/**
 * f(x) of the family, in the language of problems; `value` in family.ts is the same in numbers.
 *
 * All three pieces are traced, and each is finite everywhere. The parabola is written with (x − b/a)², not |x − b/a|², whose second
 * derivative at the bottom would be 0.
 */
export function loss(x: Value, { a, b, width }: { readonly [K in keyof Placed]: Value }): Value {
  const offset = x.sub(b.div(a)),
    z = offset.abs(),
    beyond = z.sub(width);
  const parabola = a.mul(offset.mul(offset)).div(2);
  const bend = a.mul(beyond.pow(3).div(-6).add(beyond.pow(2).div(2)).add(width.mul(z)).sub(width.mul(width).div(2)));
  const line = a.mul(
    width
      .add(0.5)
      .mul(z)
      .sub(1 / 6)
      .sub(width.mul(width).div(2))
      .sub(width.div(2)),
  );
  return np.where(beyond.lessEqual(0), parabola, np.where(beyond.lessEqual(1), bend, line));
}

/** θ₀ is uniform in [low, high). */
export interface Starts {
  readonly low: number;
  readonly high: number;
}

/** MAML on scalars: V(θ, T) = θ, L_in = L_out = f of the task, which is either of two with equal probability. */
export function scalarProblem(name: string, { tasks, loop }: ScalarProblem, { low, high }: Starts): Problem<{ x: HostArray }, Placed> {
  return defineProblem({
    name,
    theta: (random: Random) => ({ x: scalar(low + (high - low) * random.next()) }),
    task: (random: Random) => placed(tasks[random.integer(2)]),
    init: theta => theta.x,
    inner: { loss: (_, x, task) => loss(x, task), rate: loop.rate, steps: loop.steps },
    outer: (_, x, task) => loss(x, task),
  });
}
