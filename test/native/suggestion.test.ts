// The line about --native, as a run prints it.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Settings } from "../../cli/src/settings.js";
import { nativeSuggestion } from "../../cli/src/suggest-native.js";
import { defineProblem, np, zeros } from "../../src/index.js";
import { InstalledCommand } from "../cli/command.js";

let installed: InstalledCommand;
beforeAll(async () => {
  installed = await InstalledCommand.make();
});
afterAll(() => installed.remove());

/** The initialization of an MLP, whose time is that of its products. */
const wide = `import { defineProblem, nn, np } from "ufom";
const loss = ({ a, b }, { x, y }) => nn.mse(np.matmul(np.tanh(np.matmul(x, a)), b), y);
export default defineProblem({
  theta: random => ({ a: random.normal([784, 256], 0.03), b: random.normal([256, 10], 0.06) }),
  task: random => ({ x: random.normal([100, 784]), y: random.normal([100, 10]) }),
  init: theta => theta,
  inner: { loss: (_, phi, task) => loss(phi, task), rate: 0.1, steps: 2 },
  outer: (_, phi, task) => loss(phi, task),
});
`;
const line =
  /^--native, with large products by (?:\S+ \S.*|a library that .+ would add), would make this run about \d+\.\d times as fast; the last bits of its numbers would be others\.$/m;

const run = (steps: number, ...more: string[]) => ["run", "./wide.mjs", "--estimator", "exact", "--outer-steps", `${steps}`, ...more];

test("a long run that would gain tells of it, once, after its second step", async () => {
  const folder = await installed.project({ "wide.mjs": wide });
  // The budget ends it where the line never comes; what is left of it must be long.
  const { stderr } = await installed.start(folder, run(1_000_000, "--budget-seconds", "40"), (text, child) => {
    if (text.includes("--native")) child.kill("SIGINT");
  });
  expect(stderr).toMatch(line);
  expect(stderr.split("--native")).toHaveLength(2);
});

test("a short one does not, be it short by steps or by what may be spent", async () => {
  const folder = await installed.project({ "wide.mjs": wide });
  for (const args of [run(3), ["compare", "./wide.mjs", "--estimators", "exact", "--seeds", "1", "--budget-evaluations", "15"]]) {
    const { code, stderr } = await installed.start(folder, args);
    expect([code, stderr]).toEqual([0, expect.not.stringContaining("--native")]);
  }
});

test("nothing is said where an executor or a library was asked for, or the budget is short; and the line comes once in a process", async () => {
  const problem = defineProblem({
      theta: () => zeros(784, 256),
      task: () => zeros(100, 784),
      init: theta => theta,
      inner: { loss: (_, phi, x) => np.tanh(np.matmul(x, phi)).sum(), rate: 0.1, steps: 2 },
      outer: (_, phi, x) => np.tanh(np.matmul(x, phi)).sum(),
    }),
    settings = { executor: "auto", dtype: "float32", seed: 1, budget: {} },
    pace = { stepsDone: 1, stepsLeft: 1000, seconds: 1, counts: { step: 2, product: 2, outer: 1 } };
  const said = (more: object) => nativeSuggestion(problem, { ...settings, ...more } as Settings, pace);
  expect(await said({ executor: "wasm" })).toBeUndefined();
  expect(await said({ native: {} })).toBeUndefined();
  expect(await said({ budget: { seconds: 9 } })).toBeUndefined();
  expect(await said({})).toMatch(line);
  expect(await said({})).toBeUndefined();
});
