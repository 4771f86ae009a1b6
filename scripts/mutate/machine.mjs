// Breakages of what stands around a gradient: trees, recordings, the outer loop, tasks that are drawn.

/** @type {readonly import("./list.mjs").Mutation[]} */
export const machine = [
  {
    what: "what a step returns keeps its own order of keys",
    text: 'phi: likeGiven("inner.step", "phi", x.phi, phi)',
    by: "phi",
    tests: ["test/core/key-order.test.ts"],
  },
  {
    what: "a routine's later values take the slots of its results",
    text: "  recorder.seal();",
    by: "",
    tests: ["test/core/resume.test.ts"],
  },
  {
    what: "what is carried is that of the last task",
    text: "own = alone ? left : left.map(value => recorder.own(value));",
    by: "own = left;",
    tests: ["test/core/recorded-batch.test.ts"],
  },
  {
    what: "an outer step after a wrong one moves θ",
    text: "fine = np.logicalAnd(going, code.equal(0));",
    by: "fine = code.equal(0);",
    tests: ["test/core/outer.test.ts"],
  },
  {
    what: "tasks that a program draws do not change from step to step",
    text: "draws.foldIn(seed, done.add(1))",
    by: "draws.foldIn(seed, done.mul(0))",
    tests: ["test/core/outer-rows.test.ts"],
  },
  {
    what: "draws of a row that is refused are lost",
    text: "if (!report) draws.back(row.slice(1));",
    by: "",
    tests: ["test/core/outer-rows.test.ts"],
  },
  {
    what: "evolution strategies forget σ",
    text: "plus.sub(minus).div(2 * sigma * pairs)",
    by: "plus.sub(minus).div(2 * pairs)",
    tests: ["test/core/evolution.test.ts"],
  },
];
