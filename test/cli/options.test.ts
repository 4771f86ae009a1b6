import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import { gridArguments, optionGrid, problemOptions } from "../../cli/src/option-values.js";
import { optionsOf } from "../../cli/src/user-module/options.js";
import type { OptionsOf, ProblemOptions } from "../../src/index.js";
import { InstalledCommand } from "./command.js";

const declared = {
  noise: { default: 0.5, min: 0, max: 2, help: "noise in y" },
  points: { default: 30, whole: true, min: 1 },
  penalty: { default: "ridge", choices: ["ridge", "lasso"] },
  data: { default: "a.csv" },
  centred: { default: false },
} as const satisfies ProblemOptions;
const specs = optionsOf(declared, "./p.ts");

/** A module with these options, whose outer loss tells the noise that it was given. */
const module = `import { defineProblem, full, np } from "ufom";
export const options = ${JSON.stringify(declared)};
export default ({ noise, points, penalty, centred }, { seed }) => defineProblem({
  theta: () => ({ x: full(noise + seed, 1) }),
  task: () => ({ p: full(points, 1) }),
  init: () => np.zeros([1]),
  inner: { loss: (theta, w) => np.square(w.sub(theta.x)).sum(), rate: 0.1, steps: 2 },
  outer: (theta, w) => np.square(w).sum().add(np.square(theta.x).sum()),
});
export const defaults = { outerSteps: 1, outer: "sgd:0.0001" };
export const evaluate = (theta, { options, seed }) => ({ noise: options.noise, start: theta.x.data[0] - seed, lasso: options.penalty === "lasso" ? 1 : 0 });
`;

describe("options that a module exports", () => {
  it("have the types that their defaults say", () => {
    expectTypeOf<OptionsOf<typeof declared>>().toEqualTypeOf<{
      readonly noise: number;
      readonly points: number;
      readonly penalty: "ridge" | "lasso";
      readonly data: string;
      readonly centred: boolean;
    }>();
    expect(Object.keys(specs)).toEqual(["noise", "points", "penalty", "data", "centred"]);
  });

  it("are given as text", () => {
    expect(problemOptions("p", specs, [])).toEqual({ noise: 0.5, points: 30, penalty: "ridge", data: "a.csv", centred: false });
    const given = ["noise=1e-1", "points=3", "penalty=lasso", "data=b,c=d", "centred=true"];
    expect(problemOptions("p", specs, given)).toEqual({ noise: 0.1, points: 3, penalty: "lasso", data: "b,c=d", centred: true });
  });

  it.each([
    ["nois=1", 'ufom: p has no option "nois" (did you mean noise?); it has noise, points, penalty, data, centred.'],
    ["noise=x", 'ufom: --set noise must be a number from 0 to 2; received "x".'],
    ["noise=3", 'ufom: --set noise must be a number from 0 to 2; received "3".'],
    ["noise=0.1,0.2", 'ufom: --set noise must be a number from 0 to 2; received "0.1,0.2" (ufom compare takes several).'],
    ["points=1.5", 'ufom: --set points must be a whole number ≥ 1; received "1.5".'],
    ["penalty=laso", 'ufom: --set penalty must be ridge or lasso (did you mean lasso?); received "laso".'],
    ["centred=yes", 'ufom: --set centred must be true or false; received "yes".'],
    ["constructor=1", 'ufom: p has no option "constructor"'],
  ])("refuse %s", (given, sentence) => {
    expect(() => problemOptions("p", specs, [given])).toThrow(sentence);
  });

  it.each<[unknown, string]>([
    [[], "ufom: options of ./p.ts must be an object of options by name; received []."],
    [{ a: 1 }, "ufom: options.a of ./p.ts must be an object { default, help, … }; received 1."],
    [{ a: {} }, "ufom: options.a of ./p.ts needs a default that is a number, a text, true or false; received undefined."],
    [{ a: { default: NaN } }, "needs a default that is a number, a text, true or false"],
    [{ a: { default: 1, hlep: "x" } }, 'takes default, help, min, max, whole, choices (did you mean help?); received "hlep".'],
    [{ a: { default: 1, help: 2 } }, "needs help to be a text; received 2."],
    [{ a: { default: 1, min: "0" } }, 'needs min to be a finite number; received "0".'],
    [{ a: { default: "x", min: 0 } }, "cannot have min beside a default that is a string; received 0."],
    [{ a: { default: 1, choices: ["1"] } }, "cannot have choices beside a default that is a number"],
    [{ a: { default: "x", choices: ["y", "z"] } }, 'needs a default that is y or z; received "x".'],
    [{ a: { default: 5, max: 4 } }, "needs a default that is a number ≤ 4; received 5."],
    [{ "a=b": { default: 1 } }, 'must have names of letters, digits, _ and -; received "a=b".'],
  ])("that cannot be meant are refused: %j", (options, sentence) => {
    expect(() => optionsOf(options, "./p.ts")).toThrow(sentence);
  });

  it("make a grid where they have several values", () => {
    const { points, varied } = optionGrid("p", specs, ["noise=0.1,0.2", "penalty=lasso", "points=1", "points=2,1"]);
    expect(varied).toEqual(["noise", "points"]);
    expect(points.map(({ noise, points: n, penalty }) => [noise, n, penalty])).toEqual([
      [0.1, 1, "lasso"],
      [0.1, 2, "lasso"],
      [0.2, 1, "lasso"],
      [0.2, 2, "lasso"],
    ]);
    expect(() => optionGrid("p", specs, ["noise=0.1,x"])).toThrow('received "x"');
    expect(() => optionGrid("p", specs, ["noise="])).toThrow('received ""');
  });

  it("make the same grid again from the line that a report shows, commas in texts too", () => {
    const grid = optionGrid("p", specs, ["data=a\\,b,c", "noise=0.1,0.2"]);
    expect(grid.points.map(({ data }) => data)).toEqual(["a,b", "c", "a,b", "c"]);
    const said = gridArguments(grid.points).filter(word => word !== "--set");
    expect(optionGrid("p", specs, said)).toEqual(grid);
  });
});

describe("a module of one's own", () => {
  let command: InstalledCommand;
  beforeAll(async () => {
    command = await InstalledCommand.make();
  });
  afterAll(() => command.remove());

  it("is made of its options, which its figures know too, and --help lists them", async () => {
    const project = await command.project({ "p.js": module });
    const { stdout } = await command.call(
      project,
      "run",
      "./p.js",
      "--set",
      "noise=0.25",
      "--set",
      "penalty=lasso",
      "--seed",
      "3",
      "--json",
    );
    const { metrics, options } = JSON.parse(stdout) as { metrics: Record<string, number>; options: unknown };
    expect(metrics).toMatchObject({ noise: 0.25, lasso: 1 });
    expect(metrics.start).toBeCloseTo(0.25, 1);
    expect(options).toEqual({ noise: 0.25, points: 30, penalty: "lasso", data: "a.csv", centred: false });
    const help = await command.call(project, "run", "./p.js", "--help");
    expect(help.stdout).toMatch(/--set noise=… +noise in y: a number from 0 to 2 \(default: 0\.5\)/);
    expect(help.stdout).toMatch(/--set penalty=… +penalty: ridge or lasso \(default: ridge\)/);
  });

  it.each([
    [
      'import { defineProblem } from "ufom"; export const options = { a: { default: 1 } }; export default () => 5;',
      "must return a problem",
    ],
    ["export const options = { a: { defalt: 1 } }; export default () => 5;", "needs a default"],
    [
      `${module.replace("export default (", "const make = (")} export default make(${"{ noise: 1, points: 1 }, { seed: 1 }"});`,
      "must be a function of them",
    ],
  ])("is refused where options are not used as they must be", async (text, sentence) => {
    const project = await command.project({ "p.js": text });
    const { code, stderr } = await command.call(project, "run", "./p.js");
    expect(stderr).toContain(sentence);
    expect(stderr).toMatch(/^ufom: [^\n]+\.\n$/);
    expect(code).toBe(2);
  });
});
