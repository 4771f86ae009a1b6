import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommandLine } from "../../cli/src/run-command-line.js";
import { settingsOf } from "../../cli/src/prepare.js";
import { chargedLine, endsWithRun, presetLines, presetOf, presetOptions } from "../../cli/src/presets.js";
import { placeAt } from "../../cli/src/output-folder.js";
import type { ProblemEntry, StepRecord } from "../../cli/src/problems/problem-entry.js";
import type { Progress } from "../../cli/src/progress.js";
import { openRun, RunFolder } from "../../cli/src/run-folder.js";
import type { GivenSettings, Settings } from "../../cli/src/settings.js";
import { runTrial } from "../../cli/src/trial.js";
import { bitsOf } from "../support/gradients.js";
import { authors, entry as points } from "../support/protocol.js";

const entry = points as unknown as ProblemEntry;
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), "ufom-presets-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** Settings as `ufom run` makes them. */
async function settingsFor(estimator: string, given: GivenSettings): Promise<Settings> {
  const preset = presetOf(entry, given),
    options = { shots: 1, ways: 5, ...(preset && presetOptions(entry, preset, estimator)) };
  const built = await entry.create(options, { seed: 1, progress: () => {} });
  return settingsOf({ loaded: { entry, reference: "points" }, options, given, preset }, built, estimator, 1);
}

describe("--preset", () => {
  it("sets inner steps, tasks, the outer transform, options and the budget", async () => {
    expect(await settingsFor("first-order", { preset: "authors" })).toMatchObject({
      preset: "authors",
      options: { shots: 10, ways: 5 },
      outer: "sgd:linear:0.04..0@end",
      innerSteps: 10,
      metaBatch: 5,
      outerSteps: Number.MAX_SAFE_INTEGER,
      budget: { charged: { total: 56_000_000, always: 11, exact: 0 } },
    });
    expect((await settingsFor("exact", { preset: "authors", budgetScale: 0.07 })).budget.charged!.total).toBe(3_920_000);
    expect((await settingsFor("ufom:0.2", { preset: "authors", budgetCharged: 1234 })).budget).toEqual({
      charged: { total: 1234, always: 11, exact: 55 },
    });
  });

  it("gives way to what the command line says", async () => {
    const given = { preset: "authors", outer: "adam:0.1", innerSteps: 3, metaBatch: 2, outerSteps: 9 };
    const settings = await settingsFor("exact", given);
    expect(settings).toMatchObject({ outer: "adam:0.1", innerSteps: 3, metaBatch: 2, outerSteps: 9, budget: {} });
    expect(presetLines(authors, { ...given, set: ["ways=7"] }, [settings])).toEqual([
      "Preset authors: what they did (A. Author, 2021), but for --outer adam:0.1, --inner-steps 3 (not 10), --meta-batch 2 (not 5), --outer-steps 9, --set ways=7.",
    ]);
    expect((await settingsFor("exact", { preset: "authors", budgetSeconds: 5 })).budget).toEqual({ seconds: 5 });
    const both = await settingsFor("exact", { preset: "authors", budgetSeconds: 5, budgetScale: 1, innerSteps: 3 });
    expect(both).toMatchObject({ budget: { seconds: 5, charged: { total: 56_000_000 } }, outerSteps: Number.MAX_SAFE_INTEGER });
    expect(presetLines(authors, { innerSteps: 3 }, [both]).at(-1)).toBe("What is charged stays that of 10 inner steps.");
  });

  it("tells how many outer steps the total is for each estimator", async () => {
    const runs = await Promise.all(authors.estimators.map(estimator => settingsFor(estimator, { preset: "authors", budgetScale: 0.01 })));
    // 5 · (11 + 0.2 · 55) = 110 are expected of a step of ufom:0.2, 55 to 330 charged of one of ufom:adaptive.
    expect(chargedLine(runs)).toBe(
      "560,000 charged evaluations: 10,182 outer steps of first-order, 2,036 outer steps of exact, about 5,091 of ufom:0.2, from 1,697 to 10,182 of ufom:adaptive.",
    );
    expect(chargedLine([await settingsFor("exact", {})])).toBeUndefined();
  });

  it.each<[GivenSettings, string]>([
    [{ preset: "author" }, 'points has no preset "author" (did you mean authors?); it has authors, others.'],
    [
      { preset: "authors", budgetScale: 1, budgetCharged: 9 },
      "--budget-charged and --budget-scale both say what the total is; received both.",
    ],
    [{ budgetScale: 1 }, "--budget-scale goes with --preset NAME, which says what is charged; received it without."],
    [{ budgetCharged: 1 }, "--budget-charged goes with --preset NAME, which says what is charged; received it without."],
    [
      { preset: "authors", budgetScale: 1e-6 },
      "--budget-scale must leave an outer step of exact, which is charged 275; received 0.000001, a total of 56.",
    ],
    [
      { preset: "authors", budgetCharged: 100 },
      "--budget-charged must leave an outer step of exact, which is charged 275; received 100, a total of 100.",
    ],
  ])("refuses %j", async (given, sentence) => {
    await expect(settingsFor("exact", given)).rejects.toThrow(`ufom: ${sentence}`);
  });

  it("is refused where the problem has none, and where its own options are wrong", () => {
    expect(() => presetOf({ ...entry, presets: undefined }, { preset: "x" })).toThrow('ufom: points has no preset "x"; it has none.');
    const odd = (options: Record<string, number>) => ({ ...authors, options: () => options });
    expect(() => presetOptions(entry, odd({ shot: 1 }), "exact")).toThrow(
      'ufom: the preset authors must set options that points has; received "shot".',
    );
    expect(() => presetOptions(entry, odd({ shots: 0.5 }), "exact")).toThrow(
      "ufom: the preset authors must set shots to a whole number ≥ 1; received 0.5.",
    );
  });

  it("is seen in a spelling that ends with the run", () => {
    const spelled = ["sgd:linear:0.1..0@end", "clip-norm:1+adam:cosine:1..0@end,0.9", "sgd:0.1@5~linear:1..0@end", "sgd:linear:0.1..0@9"];
    expect(spelled.map(endsWithRun)).toEqual([true, true, true, false]);
  });
});

describe("a run of a preset", () => {
  const silent = (step: (record: StepRecord) => void): Progress => ({ say: () => {}, step, done: () => {} });
  const read = async (folder: string) =>
    (await readFile(path.join(folder, "metrics.jsonl"), "utf8"))
      .trim()
      .split("\n")
      .map(line => JSON.parse(line) as StepRecord);

  it.each(["exact", "ufom:adaptive"])("%s: has the same numbers when it was stopped in the middle", async estimator => {
    const settings = await settingsFor(estimator, { preset: "authors", budgetCharged: 20_000 });
    const built = await entry.create(settings.options, { seed: 1, progress: () => {} });
    const config = { version: 1, settings };
    const trial = async (name: string, stopAt: number, earlier?: Awaited<ReturnType<typeof openRun>>) => {
      const stop = new AbortController();
      const folder = earlier
        ? await RunFolder.reopen(earlier, config, () => {})
        : await RunFolder.create(await placeAt(path.join(scratch, `${estimator.replace(":", "-")}-${name}`)), config);
      const progress = silent(({ index }) => {
        if (index === stopAt) stop.abort();
      });
      try {
        return {
          record: await runTrial({ problem: "points", built, settings, folder, progress, signal: stop.signal, earlier }),
          folder: folder.path,
        };
      } finally {
        await folder.release();
      }
    };
    const whole = await trial("whole", Infinity);
    expect(whole.record.outcome).toBe("budget");
    const stopped = await trial("stopped", 20);
    expect(stopped.record).toMatchObject({ outcome: "stopped", outerSteps: 20 });
    const resumed = await trial("stopped", Infinity, await openRun(stopped.folder, () => {}));
    expect(bitsOf(resumed.record.theta)).toBe(bitsOf(whole.record.theta));
    const { record } = resumed;
    expect(record).toMatchObject({ preset: "authors", charged: whole.record.charged, outerSteps: whole.record.outerSteps });
    const numbers = async (folder: string) => (await read(folder)).map(({ seconds: _, ...step }) => step);
    const all = await numbers(resumed.folder);
    expect(all).toEqual(await numbers(whole.folder));
    // What is charged is what the steps say.
    let sum = 0;
    for (const { charged, exactDraws = 0 } of all) expect(charged).toBe((sum += estimator === "exact" ? 275 : 55 + 55 * exactDraws));
    expect(record.charged).toBe(sum);
  });
});

describe("help", () => {
  const printed = async (...args: string[]): Promise<string> => {
    const write = process.stdout.write.bind(process.stdout);
    let text = "";
    process.env.COLUMNS = "80";
    process.stdout.write = (chunk: string) => ((text += chunk), true);
    try {
      await runCommandLine(args);
    } finally {
      process.stdout.write = write;
      delete process.env.COLUMNS;
    }
    return text;
  };

  it("of a problem lists its presets, in 80 columns", async () => {
    const text = await printed("run", "few-shot", "--help");
    for (const name of ["omniglot", "cifar100", "mini-imagenet"]) expect(text).toContain(`--preset ${name}: `);
    for (const total of ["56,000,000", "11,200,000", "18,500,000"])
      expect(text.replace(/\s+/g, " ")).toContain(`${total} charged evaluations`);
    // Reptile takes one step more.
    expect(text).toContain("9 or 10 inner steps");
    expect(text).toMatch(/--budget-scale <part> /);
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });
});
