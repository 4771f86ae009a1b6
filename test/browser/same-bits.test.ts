import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Browser } from "playwright-core";
import { compile } from "../../src/executors/wasm/compile.js";
import { optimize } from "../../src/program/passes/index.js";
import { bodiesOf, isLoop } from "../../src/program/loops.js";
import type { Node, Program } from "../../src/program/program.js";
import { typingRules } from "../../src/program/typing.js";
import { openBrowser } from "../support/browser.js";
import { instructionsOf } from "../support/wasm-instructions.js";
import { pageHtml } from "./bundle.js";
import { readDigest } from "./committed.js";
import { worldWithOtherMath } from "./other-math.js";
import { readPrograms } from "./random-programs.js";
import type { Digests } from "./suite/index.js";
import { cases, digestOfAll, firstDifference, runSuite } from "./suite/index.js";

const texts = readPrograms(),
  committed = readDigest();

/** Fails with the name of the first program whose results differ. */
function expectSame(expected: Digests, actual: Digests, where: string, advice = ""): void {
  const odd = firstDifference(expected, actual);
  if (odd !== undefined) {
    const [left, right] = [expected, actual].map(digests => digests[odd]?.slice(0, 16) ?? "nothing");
    throw new Error(`${where}, the results of "${odd}" have the digest ${right} instead of ${left}.${advice}`);
  }
}

/** The nodes of a program and of those within it. */
const nodesWithin = ({ nodes }: Program): readonly Node[] =>
  nodes.flatMap(node => [node, ...(isLoop(node) ? bodiesOf(node).flatMap(nodesWithin) : [])]);

describe("the suite", () => {
  it("has more than 50 programs with names of their own, and every primitive in both precisions", () => {
    const all = cases(texts);
    expect(all.length).toBeGreaterThan(50);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    for (const precision of ["float32", "float64"]) {
      const nodes = all.flatMap(({ name, program }) => (name.endsWith(precision) ? nodesWithin(program) : []));
      const missing = Object.keys(typingRules).filter(op => !nodes.some(node => node.op === op));
      expect(missing, `test/browser/suite has no program of ${precision} with these primitives`).toEqual([]);
    }
  });

  it("names the first difference", () => {
    const digests = { a: "1", b: "2", c: "3" };
    expect(firstDifference(digests, digests)).toBeUndefined();
    expect(firstDifference(digests, { a: "1", b: "0", c: "0" })).toBe("b");
    expect(firstDifference(digests, { a: "1", b: "2" })).toBe("c");
    expect(firstDifference({ a: "1" }, { a: "1", z: "2" })).toBe("z");
  });
});

describe("the same bits", () => {
  let here: Digests, browser: Browser | undefined;

  beforeAll(async () => {
    here = await runSuite(texts);
  });
  afterAll(() => browser?.close());

  it("are here as committed", () => {
    const advice = " If the numbers were meant to change, `npm run digest` writes the new ones.";
    expectSame(committed.digests, here, "Here", advice);
    expect(digestOfAll(here)).toBe(committed.all);
  });

  it("are in Chromium as here", async () => {
    browser = await openBrowser();
    const page = await browser.newPage();
    const requests: string[] = [],
      errors: string[] = [];
    page.on("request", request => requests.push(request.url()));
    page.on("pageerror", error => errors.push(String(error)));
    await page.setContent(await pageHtml(texts, committed));
    expect({ requests, errors }).toEqual({ requests: [], errors: [] });
    const there = await page.evaluate(() => globalThis.digests);
    expectSame(here, there, `In Chromium ${browser.version()}`);
    expect({ requests, errors }).toEqual({ requests: [], errors: [] });
    expect(await page.locator("#rows tr").count()).toBe(Object.keys(here).length);
    if (digestOfAll(here) === committed.all)
      expect(await page.locator("#verdict").textContent()).toMatch(/^All \d+ digests are the committed/);
  });

  it("are with the last bits of another engine's Math as here", async () => {
    const { math, run } = await worldWithOtherMath();
    expect(math.sin(1)).not.toBe(Math.sin(1));
    expectSame(here, await run(texts), "With another Math");
  });
});

describe("generated code", () => {
  it("has no relaxed SIMD, the one part of WebAssembly whose numbers differ between machines", () => {
    const found = new Set<string>();
    for (const { program } of cases(texts)) {
      for (const p of [program, optimize(program)]) for (const name of instructionsOf(compile(p).bytes)) found.add(name);
    }
    const vector = [...found].flatMap(name => (name.startsWith("fd ") ? [parseInt(name.slice(3), 16)] : []));
    expect(vector.length).toBeGreaterThan(50);
    expect(vector.filter(number => number >= 0x100)).toEqual([]);
  });

  it("is read to the last instruction", () => {
    const body = [
      0x00,
      0xfd,
      0x0c,
      ...new Array<number>(16).fill(0xfd),
      0xfd,
      0x85,
      0x02,
      0x41,
      0xfd,
      0x02,
      0x44,
      ...new Array<number>(8).fill(0xfd),
      0x0b,
    ];
    const module = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 10, body.length + 2, 1, body.length, ...body);
    expect([...instructionsOf(module)]).toEqual(["fd c", "fd 105", "41", "44", "b"]);
  });
});
