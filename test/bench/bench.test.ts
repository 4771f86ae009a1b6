import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { root } from "../../scripts/shell.mjs";
import { caseOf } from "../../bench/cases.js";
import type { Work } from "../../bench/cases.js";
import { measure } from "../../bench/measure.js";
import { prepareOptional, prepareOuter } from "../../bench/outer.js";
import { prepare, problemOf } from "../../bench/problems.js";
import { tables } from "../../bench/rows.js";
import { header, intoPage, line, standing } from "../../bench/table.js";
import * as works from "../../bench/works.js";
import { leaves } from "../../src/core/trees/host-tree.js";
import { f64, hypergradient, type HostArray } from "../../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "ufom-bench-test-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Every network, as small as it can be. */
const small: readonly (readonly [string, () => Work])[] = [
  ["sinusoid", () => works.sinusoid(folder, 2)],
  ["mlp", () => works.mlp(folder, [3, 4, 10], 2)],
  ["hyper-cleaning", () => works.hyperCleaning(folder, 3)],
  ["distillation", () => works.distillation(folder, 2, 3)],
  ["attention", () => works.attention(folder, 2, 3, 4, 2)],
  ["gru", () => works.gru(folder, 2, 2, 2, 3)],
  ["conv4", () => works.conv4(folder, 2, 1)],
];

const dot = (a: readonly HostArray[], b: readonly HostArray[]) =>
  a.reduce((sum, { data }, i) => sum + Array.from(data).reduce((s, x, k) => s + x * b[i].data[k], 0), 0);

describe("the bench's cases", () => {
  it.each(small)("%s: the gradient that is timed is that of its loss, by central differences in float64", async (name, make) => {
    const c = caseOf(make(), name, 2, "exact"),
      { problem, theta, tasks } = problemOf(c),
      timed = leaves(await prepare(c).run());
    const h = 1e-5,
      direction = theta.map(({ data, shape }, i) =>
        f64(
          Array.from(data, (_, k) => Math.sin(1 + i + 3 * k)),
          ...shape,
        ),
      ),
      moved = (s: number) =>
        theta.map(({ data, shape }, i) =>
          f64(
            Array.from(data, (x, k) => x + s * direction[i].data[k]),
            ...shape,
          ),
        ),
      loss = async (s: number) =>
        (await hypergradient(problem, { estimator: "first-order:mixed", theta: moved(s), tasks, dtype: "float64" })).loss;
    const slope = ((await loss(h)) - (await loss(-h))) / (2 * h),
      size = Math.sqrt(dot(timed, timed) * dot(direction, direction));
    expect(size).toBeGreaterThan(0);
    expect(Math.abs(dot(timed, direction) - slope) / size).toBeLessThan(2e-4);
  });

  it("rows have names of their own, and every table of the page has a line for each", () => {
    const page = readFileSync(join(root, "docs/performance.md"), "utf8").split("\n"),
      all = tables.flatMap(({ rows }) => rows),
      names = all.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    // Rows, and works at a glance.
    for (const wanted of [names, all.map(({ group }) => group)])
      expect(wanted.filter(name => !page.some(l => l.startsWith(`| ${name} |`)))).toEqual([]);
  });

  it("says where we are beside the fastest peer, and not beside another", () => {
    const spread = (median: number) => ({ median, low: median, high: median }),
      gradient = Float32Array.of(1),
      peer = (ratio: number) => ({ seconds: spread(ratio), ratio: spread(ratio), first: 1, gradient, difference: 0, form: "" }),
      row = (...ratios: number[]) => ({
        name: "x",
        seconds: spread(1),
        first: 1,
        gflops: 0,
        gradient,
        peers: { torch: peer(ratios[0]), jax: peer(ratios[1]) },
      });
    expect([row(40, 1.3), row(40, 1.05), row(0.5, 2)].map(r => standing(r)?.word)).toEqual(["ahead", "level", "behind"]);
    expect(standing({ ...row(1, 1), peers: {} })).toBeUndefined();
  });

  it("measures a row without peers, and puts its line into a page", async () => {
    const setting = { python: "python3", peers: [], cpu: 0, rounds: 2, seconds: 0.01, ufom: {} },
      row = await measure({ case: caseOf(works.sinusoid(folder, 2), "tiny", 1, "exact"), cores: "one" }, setting),
      text = line(row, [], 48),
      page = join(folder, "page.md");
    expect(row.seconds.low).toBeGreaterThan(0);
    expect(row.gflops).toBeGreaterThan(0);
    expect(text).toMatch(/^\| tiny, r = 1, exact \|.* [µm]s \|.* % \|/);
    const head = header([]),
      other = "| another table |\n| --- |\n| tiny, r = 1, exact |";
    writeFileSync(page, `${other}\n\n${head}\n| --- |\n| tiny, r = 1, exact | old |\nend`);
    intoPage(page, head, [text]);
    expect(readFileSync(page, "utf8")).toBe(`${other}\n\n${head}\n| --- |\n${text}\nend`);
    expect(() => {
      intoPage(page, head, ["| unknown |"]);
    }).toThrow("ufom: a page that takes rows must have them already");
  });

  it("takes outer steps of `solve`, with options of the package passed on", async () => {
    const c = caseOf(works.sinusoid(folder, 2), "tiny", 1, "exact");
    for (const mode of ["step", "row"] as const) {
      const made = await prepareOuter({ ...c, settings: { ...c.settings, rows: 2 }, mode }, {});
      await made.run();
      if (made.time) expect(await made.time()).toBeGreaterThan(0);
    }
    expect(await prepareOptional(c, {}).time!()).toBeGreaterThan(0);
    // An option that does not exist is refused by the package, and so was passed on.
    await expect(prepareOptional(c, { nobody: 1 } as object).run()).rejects.toThrow("nobody");
  });
});
