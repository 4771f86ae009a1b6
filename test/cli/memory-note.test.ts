import { describe, expect, it } from "vitest";
import { memoryNote } from "../../cli/src/memory-note.js";
import { defineProblem, np, zeros } from "../../src/index.js";

/** A state of 4 MB. */
const problem = defineProblem({
  theta: () => zeros(1_000_000),
  task: () => zeros(),
  init: theta => theta,
  inner: { loss: (_, phi, task) => np.square(phi.sub(task)).sum(), rate: 0.1, steps: 100 },
  outer: (_, phi) => phi.sum(),
});
const note = (estimator: string, available = 1e9, innerSteps?: number) =>
  memoryNote(problem, { estimator, dtype: "float32", seed: 1, innerSteps }, available);

describe("what is told of memory before a run", () => {
  it("is what the exact gradient will hold, beside what there is, and the way out", async () => {
    expect(await note("exact")).toBe(
      "exact holds 100 states of 4 MB, 400 MB in all, of 1 GB that are free here; exact:checkpoint=64 holds 64, ufom:adaptive ten, and ufom:adaptive:recompute one.",
    );
    expect(await note("exact", 3e8)).toMatch(/400 MB in all, more than the 300 MB that are free here/);
    expect(await note("truncated:20")).toMatch(/^truncated:20 holds 20 states of 4 MB, 80 MB in all/);
    expect(await note("exact", 1e9, 1000)).toMatch(/^exact holds 1,000 states of 4 MB, 4 GB in all, more than/);
  });

  it("is nothing where little is held", async () => {
    for (const estimator of ["first-order:mixed", "ufom:0.1", "exact:recompute", "exact:checkpoint=8", "forward"])
      expect(await note(estimator), estimator).toBeUndefined();
    expect(await note("exact", 1e9, 10)).toBeUndefined();
  });
});
