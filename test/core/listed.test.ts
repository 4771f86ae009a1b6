// Tasks of a numbered list are those that the list had when the problem was defined.
import { expect, test } from "vitest";
import { defineProblem, f32, listed, np } from "../../src/index.js";

test("numbers that are written into a listed task later are not seen", () => {
  const tasks = [f32([1, 2]), f32([3, 4])],
    problem = defineProblem({
      theta: () => f32([0, 0]),
      task: listed(tasks),
      init: theta => theta,
      inner: { loss: (_, phi, x) => np.square(phi.sub(x)).sum(), rate: 0.1, steps: 1 },
      outer: (_, phi, x) => np.square(phi.sub(x)).sum(),
    }),
    at = (step: number, place: number) => problem.draw(1, step, place) as { readonly data: ArrayLike<number> };
  tasks[0].data[0] = 9;
  // Place i of step k has the task (k − 1 + i) mod n, and always the very same tree.
  expect([at(1, 0), at(1, 1), at(2, 0), at(2, 1)].map(({ data }) => Array.from(data))).toEqual([
    [1, 2],
    [3, 4],
    [3, 4],
    [1, 2],
  ]);
  expect(at(3, 0)).toBe(at(1, 0));
});
