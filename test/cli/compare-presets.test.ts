import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InstalledCommand } from "./command.js";

let command: InstalledCommand;
beforeAll(async () => {
  command = await InstalledCommand.make();
});
afterAll(() => command.remove());

/** A module whose default export is an entry with a preset; a method of it has tasks of its own. */
const module = `import { defineProblem, full, np } from "ufom";
const whole = (summary, fallback) => ({
  summary, default: fallback, expects: "a whole number",
  parse: text => (Number.isInteger(Number(text)) ? Number(text) : undefined),
});
const drawn = estimator => estimator.startsWith("ufom");
export default {
  name: "points",
  summary: "a point among others",
  options: { shots: whole("points of a task", 1), ways: whole("nothing", 5) },
  presets: [{
    name: "authors", summary: "what they did", source: "A. Author, 2021",
    options: estimator => ({ shots: estimator === "first-order" ? 10 : 1 }),
    outer: () => "sgd:linear:0.02..0@end",
    innerSteps: () => 10,
    metaBatch: 5,
    estimators: ["first-order", "exact", "ufom:0.3"],
    total: 100000,
    charge: estimator => ({ always: estimator === "exact" ? 55 : 11, exact: drawn(estimator) ? 55 : 0 }),
  }],
  create({ shots, ways }) {
    const center = theta => ({ accuracy: 1 / (1 + Math.abs(theta.center.data[0])) });
    return {
      problem: defineProblem({
        theta: () => ({ center: full(0.5, 3) }),
        task: random => ({ x: random.normal([shots, 3]) }),
        init: theta => ({ w: theta.center }),
        inner: { loss: (theta, { w }, { x }) => np.square(w.sub(x)).sum().add(np.exp(w).sum()), rate: 0.01, steps: 4 },
        outer: (theta, { w }, { x }) => np.square(w.mul(2).sub(x)).mean(),
      }),
      defaults: { estimator: "exact", outer: "sgd:0.1", outerSteps: 7 },
      protocol: ["one protocol", shots + " shots, " + ways + " ways"],
      evaluate: center,
      track: center,
      headline: { metric: "accuracy", label: "accuracy" },
    };
  },
};
`;

interface Run {
  readonly estimator: string;
  readonly outerSteps: number;
  readonly charged?: number;
  readonly diagnosed?: { readonly steps: number; readonly ratio: number; readonly cosine: number; readonly probability: number };
  readonly options: Record<string, unknown>;
  readonly folder: string;
}
interface Compared {
  readonly budget: number | null;
  readonly budgetCharged?: number;
  readonly preset: string;
  readonly runs: readonly Run[];
}

describe("ufom compare with a preset", () => {
  it("charges all methods alike, each on its own tasks, and shows it", async () => {
    const project = await command.project({ "p.js": module });
    const args = ["compare", "p.js", "--preset", "authors", "--budget-scale", "0.1", "--seeds", "1,2", "--out", "c"];
    const { code, stdout, stderr } = await command.call(project, ...args);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toContain("Preset authors: what they did (A. Author, 2021).");
    // 5 tasks: 10,000 over 55, 275, and 5 · (11 + 0.3 · 55) = 137.5.
    expect(stdout.replace(/\s+/g, " ")).toContain(
      "10,000 charged evaluations: 182 outer steps of first-order, 36 outer steps of exact, about 73 of ufom:0.3.",
    );
    expect(stdout).toContain("6 runs, each of 10,000 charged evaluations");
    expect(stdout).toContain("first-order: 10 shots, 5 ways");
    expect(stdout).toContain("exact, ufom:0.3: 1 shots, 5 ways");
    const done = JSON.parse(await readFile(path.join(project, "c/result.json"), "utf8")) as Compared;
    expect(done).toMatchObject({ budget: null, budgetCharged: 10_000, preset: "authors" });
    const of = (name: string) => done.runs.filter(({ estimator }) => estimator === name);
    for (const { outerSteps, charged, options } of of("first-order"))
      expect([outerSteps, charged, options.shots]).toEqual([182, 10_010, 10]);
    for (const { outerSteps, charged, options } of of("exact")) expect([outerSteps, charged, options.shots]).toEqual([36, 9900, 1]);
    for (const run of of("ufom:0.3")) {
      expect(Math.abs(run.charged! - 10_000)).toBeLessThan(330);
      const steps = (await readFile(path.join(run.folder, "metrics.jsonl"), "utf8")).trim().split("\n");
      const all = steps.map(line => JSON.parse(line) as { moments?: { difference: number; target: number; cosine: number } });
      const seen = all.flatMap(({ moments }) => moments ?? []);
      const sum = (name: "difference" | "target" | "cosine") => seen.reduce((total, moments) => total + moments[name], 0);
      expect(run.diagnosed).toMatchObject({ steps: seen.length, probability: expect.closeTo(0.3, 9) as number });
      expect(run.diagnosed!.ratio).toBeCloseTo(sum("difference") / sum("target"), 9);
      expect(run.diagnosed!.cosine).toBeCloseTo(sum("cosine") / seen.length, 9);
    }
    const report = await readFile(path.join(project, "c/report.html"), "utf8");
    expect(report).toContain("--preset authors --budget-charged 10000");
    // Options that the preset sets are not said again.
    expect(report).not.toContain("shots=");
    for (const text of ["charged evaluations", "seconds", "Over seeds", "Seen along the way", "first-order: 10; exact: 1"])
      expect(report).toContain(text);

    // Taken up again, all of it is there: what was charged and seen is read from the folders.
    const resumed = await command.run(project, "compare", "--resume", "c", "--json");
    expect((JSON.parse(resumed.stdout) as Compared).runs).toEqual(done.runs);
    const charts = await readFile(path.join(project, "c/report.html"), "utf8");
    for (const text of ["charged evaluations", "Seen along the way"]) expect(charts).toContain(text);

    // A run of it by itself, with something else: the command that its report shows makes it again.
    const again = await command.call(
      project,
      "run",
      "p.js",
      "--preset",
      "authors",
      "--estimator",
      "exact",
      "--budget-charged",
      "10000",
      "--set",
      "ways=7",
      "--json",
    );
    expect(again).toMatchObject({ code: 0 });
    const one = JSON.parse(again.stdout) as Run;
    expect(one).toMatchObject({ outerSteps: 36, charged: 9900, options: { shots: 1, ways: 7 } });
    const page = await readFile(path.join(one.folder, "report.html"), "utf8");
    expect(page).toContain("--preset authors --budget-charged 10000");
    const further = await command.call(project, "run", "--resume", one.folder, "--budget-scale", "0.2");
    expect(further.stdout.replace(/\s+/g, " ")).toContain("whose end has moved: from here on they are those of the longer or shorter run.");
    expect(further.stdout).toContain("The budget was spent after 73 outer steps.");
  });
});
