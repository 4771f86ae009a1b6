// `--estimator auto`: what is printed and written down, going on, comparing, and what is refused.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { InstalledCommand, source } from "./command.js";

let command: InstalledCommand;
beforeAll(async () => {
  command = await InstalledCommand.make();
});
afterAll(() => command.remove());

interface Choice {
  readonly index: number;
  readonly estimator: string;
  readonly measured: string;
  readonly reason: string;
  readonly counts: { readonly step: number };
}
interface Document {
  readonly estimator: string;
  readonly outerSteps: number;
  readonly auto: readonly Choice[];
  readonly counts: { readonly step: number };
  readonly folder: string;
}

it("says what was measured and chosen, writes it down, and goes on with it", async () => {
  const project = await command.project({ "p.ts": source() }),
    run = (...args: string[]) => command.call(project, "run", ...args, "--json"),
    whole = await run("p.ts", "--estimator", "auto", "--outer-steps", "80", "--out", "whole"),
    first = await run("p.ts", "--estimator", "auto", "--outer-steps", "50", "--out", "part"),
    second = await run("--resume", "part", "--outer-steps", "80"),
    [one, part, all] = [whole, first, second].map(({ stdout }) => JSON.parse(stdout) as Document);
  expect([whole.code, first.code, second.code]).toEqual([0, 0, 0]);
  const lines = first.stderr.split("\n").filter(line => line.startsWith("auto:"));
  expect(lines).toHaveLength(3);
  expect(lines[0]).toBe("auto: a diagnosis first, which takes at most 10 % of the run.");
  expect(lines[1]).toBe(`auto: ${part.auto[0].measured}`);
  expect(lines[2]).toBe(`auto: takes ${part.auto[0].reason}`);
  expect(second.stderr).toContain(`auto: goes on with ${part.auto[0].estimator}, as it was chosen.`);
  expect([part.estimator, part.outerSteps, part.auto.length]).toEqual(["auto", 50, 1]);
  expect(all.outerSteps).toBe(80);
  expect(all.auto).toEqual(part.auto);
  // Its diagnosis had a tenth of 50 steps, not of 80: the rest of the work is that of the whole run, if that chose the same.
  if (one.auto[0].estimator === all.auto[0].estimator)
    expect(all.counts.step - all.auto[0].counts.step).toBe(one.counts.step - one.auto[0].counts.step);
  const metrics = (await readFile(path.join(part.folder, "metrics.jsonl"), "utf8"))
    .trimEnd()
    .split("\n")
    .map(line => JSON.parse(line) as { index: number; auto?: Choice });
  expect(metrics).toHaveLength(80);
  expect(metrics[0].auto).toEqual(part.auto[0]);
  expect(metrics.slice(1).every(({ auto }) => auto === undefined)).toBe(true);
});

it("is one of the estimators of a comparison, and shows its choice in a table", async () => {
  const project = await command.project({ "p.ts": source() }),
    { code, stdout } = await command.call(
      project,
      "compare",
      "p.ts",
      "--estimators",
      "auto,exact",
      "--budget-evaluations",
      "900",
      "--out",
      "c",
      "--json",
    ),
    { runs } = JSON.parse(stdout) as { runs: Document[] };
  expect(code).toBe(0);
  expect(runs.map(({ estimator, auto }) => [estimator, auto?.length])).toEqual([
    ["auto", 1],
    ["exact", undefined],
  ]);
  const page = await readFile(path.join(runs[0].folder, "report.html"), "utf8");
  expect(page).toContain("What auto chose");
  expect(page).toContain(runs[0].auto[0].estimator);
});

it("refuses a run that is too short for a diagnosis, in a sentence", async () => {
  const project = await command.project({ "p.ts": source() }),
    { code, stderr } = await command.call(project, "run", "p.ts", "--estimator", "auto", "--outer-steps", "2");
  expect(code).toBe(2);
  expect(stderr).toMatch(/ufom: solve's estimator auto needs a run of which 10 % are enough for its diagnosis, \d+ evaluations/);
});

/** A module whose default export is an entry with a preset. */
const withPreset = `import { defineProblem, full, np } from "ufom";
export default {
  name: "points",
  summary: "a point among others",
  options: {},
  presets: [{
    name: "authors", summary: "what they did", source: "A. Author, 2021",
    options: () => ({}),
    outer: () => "sgd:linear:0.02..0@end",
    innerSteps: () => 7,
    metaBatch: 5,
    estimators: ["first-order", "exact"],
    total: 100000,
    charge: () => ({ always: 55, exact: 0 }),
  }],
  create: () => ({
    problem: defineProblem({
      theta: () => ({ center: full(0.5, 3) }),
      task: random => ({ x: random.normal([3]) }),
      init: theta => ({ w: theta.center }),
      inner: { loss: (theta, { w }, { x }) => np.square(w.sub(x)).sum(), rate: 0.1, steps: 4 },
      outer: (theta, { w }, { x }) => np.square(w.mul(2).sub(x)).mean(),
    }),
    defaults: { estimator: "exact", outer: "adam:0.1", outerSteps: 5 },
  }),
};
`;

it("diagnose takes presets as run does; auto goes with one only where nothing is charged", async () => {
  const project = await command.project({ "p.ts": withPreset }),
    preset = ["p.ts", "--preset", "authors"],
    diagnosed = await command.call(project, "diagnose", ...preset, "--outer-steps", "2", "--tasks", "4", "--no-clock"),
    charged = await command.call(project, "run", ...preset, "--estimator", "auto"),
    counted = await command.call(project, "run", ...preset, "--estimator", "auto", "--outer-steps", "60", "--json");
  expect(diagnosed.code).toBe(0);
  expect(diagnosed.stdout).toContain("Preset authors: what they did (A. Author, 2021), but for --outer-steps 2.");
  expect(diagnosed.stdout).toContain("The rates of sgd:linear:0.02..0@end end with the short run along which θ is looked at.");
  expect(diagnosed.stdout).toContain("1 of 7");
  expect(charged.code).toBe(2);
  expect(charged.stderr).toContain(
    "ufom: --estimator auto goes without charged evaluations, as what a task is charged depends on the estimator",
  );
  expect(counted.code).toBe(0);
  expect(JSON.parse(counted.stdout)).toMatchObject({ estimator: "auto", preset: "authors", outerSteps: 60 });
});
