import { describe, expect, it } from "vitest";
import { defineProblem, full, hypergradient, i32, lax, nn, np } from "../../src/index.js";
import type { Value } from "../../src/index.js";

/** Labels that are used in the step of a loop, by row and from around. */
const problemOf = (label: number, from: "rows" | "around" | "choice") =>
  defineProblem({
    theta: () => ({ w: full(0.1, 3) }),
    task: () => ({ labels: i32([0, 1, 2, label], 4, 1) }),
    init: t => t.w,
    inner: {
      loss: (_, w, { labels }) => {
        const one = (row: Value) => nn.crossEntropy(w.reshape(1, 3), row).sum();
        if (from === "rows") return lax.scan((sum: Value, row: Value) => [sum.add(one(row)), null], np.zeros([]), labels)[0];
        if (from === "around") return lax.fori(0, 2, (_i, sum) => sum.add(one(labels.slice(3))), np.zeros([]));
        return lax.cond(w.sum().greater(0), one, () => np.zeros([]), labels.slice(3));
      },
      rate: 0.1,
      steps: 1,
    },
    outer: (_, w) => w.sum(),
  });

describe.each(["rows", "around", "choice"] as const)("labels of a loop, %s", from => {
  it("are checked before anything runs", async () => {
    await expect(hypergradient(problemOf(3, from), { estimator: "exact" })).rejects.toThrow(/^ufom: .*labels.*3/);
  });

  it("pass where they are classes", async () => {
    const { gradient } = await hypergradient(problemOf(2, from), { estimator: "exact" });
    expect(Array.from(gradient.w.data).every(Number.isFinite)).toBe(true);
  });
});
