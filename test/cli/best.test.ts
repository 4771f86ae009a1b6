import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readState } from "../../src/files/saved-state.js";
import { InstalledCommand, source } from "./command.js";

let command: InstalledCommand;
beforeAll(async () => {
  command = await InstalledCommand.make();
});
afterAll(() => command.remove());

interface Run {
  readonly outcome: string;
  readonly outerSteps: number;
  readonly warning?: string;
  readonly best: { readonly index: number; readonly criterion: string; readonly value: number; readonly metrics?: Record<string, number> };
}

/** One task; an outer step that is too large makes θ grow. */
const parts = {
  task: "() => ({ x: f32([1, 2, 3]) })",
  outer: "(theta) => np.square(theta.center).sum()",
  inner: "{ loss: (theta, { w }, { x }) => np.square(w.sub(x)).sum(), rate: 0.1, steps: 4 }",
};
const run = async (text: string, ...options: string[]) => {
  const project = await command.project({ "p.ts": text });
  const { code, stdout, stderr } = await command.call(project, "run", "p.ts", "--out", "r", "--json", ...options);
  return { code, stderr, run: JSON.parse(stdout) as Run, folder: path.join(project, "r") };
};

it("a run that explodes tells it, keeps the best θ, and shows the figures of both", async () => {
  const tail = "export const evaluate = theta => ({ first: Math.abs(theta.center.data[0]) });";
  const { code, run: result, folder } = await run(source({ ...parts, tail }), "--outer", "sgd:3", "--outer-steps", "9");
  expect([code, result.outcome]).toEqual([0, "finished"]);
  // θ begins at ½ and grows by −5 a step: the loss is 3 · ¼ at first.
  expect(result.best).toEqual({ index: 0, criterion: "outer loss", value: 0.75, metrics: { first: 0.5 } });
  expect(result.warning).toMatch(/^The outer loss ended at .*, far above its best, /);
  const best = readState(await readFile(path.join(folder, "best.safetensors")), "b") as unknown as {
    theta: { center: { data: Float32Array } };
  };
  expect([...best.theta.center.data]).toEqual([0.5, 0.5, 0.5]);
  expect(await readFile(path.join(folder, "report.html"), "utf8")).toContain("far above its best");
});

it("a module's own criterion judges, and --stop-after ends the run", async () => {
  const tail = `export const track = theta => ({ closeness: -Math.abs(theta.center.data[0] - 0.2) });
export const criterion = { metric: "closeness", goal: "highest" };`;
  // θ falls from 0.5 by 0.98 a step: it passes 0.2 after about 45 steps.
  const { code, run: result } = await run(source({ ...parts, tail }), "--outer", "sgd:0.01", "--outer-steps", "100", "--stop-after", "5");
  expect([code, result.outcome, result.best.criterion]).toEqual([0, "finished", "highest closeness"]);
  expect(result.best.index).toBe(45);
  expect(result.outerSteps).toBe(50);
  const wrong = await run(source({ ...parts, tail: tail.replace('"highest"', '"best"') }));
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringMatching(/^ufom: the criterion of p\.ts must be \{ metric, goal \}/)]);
});
