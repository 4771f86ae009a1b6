import { defineProblem, np, type Problem } from "../../src/index.js";

/** Two equally likely parabolas, θ the start: D² and V² at a point are plain sums. */
export const curves = [
    { a: 0.5, b: 0, A: 400 },
    { a: 1.5, b: 10, A: 400 },
  ],
  rate = 0.03,
  steps = 10,
  start = 4;
export const twoParabolas = defineProblem({
  theta: () => ({ shape: [], dtype: "float64", data: Float64Array.of(start) }),
  task: random => {
    const { a, b } = curves[random.integer(2)],
      scalar = (x: number) => ({ shape: [], dtype: "float64" as const, data: Float64Array.of(x) });
    return { a: scalar(a), b: scalar(b) };
  },
  init: theta => theta,
  inner: {
    loss: (_, phi, { a, b }) =>
      np
        .square(phi.sub(b.div(a)))
        .mul(a)
        .div(2),
    rate,
    steps,
  },
  outer: (_, phi, { a, b }) =>
    np
      .square(phi.sub(b.div(a)))
      .mul(a)
      .div(2),
}) as unknown as Problem;
