// A program whose code is longer than a page's main thread compiles at once: it is cut into several modules.
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildIfStale } from "../../scripts/build.mjs";
import { root } from "../../scripts/shell.mjs";
import { singleFile } from "../../scripts/single-file.mjs";
import * as ufom from "../../src/index.js";
import { openBrowser } from "../support/browser.js";

let browser: Browser;
let library: string;
beforeAll(async () => {
  await buildIfStale();
  library = await readFile(path.join(root, singleFile), "utf8");
  browser = await openBrowser();
});
afterAll(() => browser.close());

/** What some browsers compile on the main thread. */
const most = 2 ** 22;

/** The loss of a network of 1,800 layers and its gradient, one program: no inner step, all of θ in the outer loss. Its text runs in the page, too. */
const gradientOf = async ({ defineProblem, hypergradient, np }: Pick<typeof ufom, "defineProblem" | "hypergradient" | "np">) => {
  const problem = defineProblem({
    theta: random => Array.from({ length: 1800 }, () => random.normal([4, 4], 0.5)),
    task: random => random.normal([2, 4]),
    init: theta => theta,
    inner: { loss: (_, phi) => phi[0].sum(), rate: 0.1, steps: 0 },
    outer: (_, phi, x) => phi.reduce((h, w) => np.tanh(np.matmul(h, w).add(0.1)), x).sum(),
  });
  const { loss, gradient } = await hypergradient(problem, { estimator: "first-order" });
  return { loss, numbers: gradient.map(({ data }) => [...data]) };
};

it("runs in a page as it does here, in modules of at most 4 MiB", async () => {
  const page = await browser.newPage(),
    html = `<!doctype html><script type="module">
      import * as ufom from "./ufom.min.js";
      const { Module } = WebAssembly, sizes = [];
      WebAssembly.Module = class extends Module {
        constructor(bytes) { super(bytes); sizes.push(bytes.byteLength); }
      };
      const gradientOf = ${gradientOf.toString()};
      try { globalThis.answer = { ...await gradientOf(ufom), sizes }; } catch (error) { globalThis.answer = { error: String(error), sizes }; }
    </script>`;
  await page.route("http://ufom.test/**", (route, request) =>
    request.url().endsWith(".js")
      ? route.fulfill({ contentType: "text/javascript", body: library })
      : route.fulfill({ contentType: "text/html", body: html }),
  );
  await page.goto("http://ufom.test/");
  await page.waitForFunction(() => "answer" in globalThis);
  const found = await page.evaluate(
    () => (globalThis as unknown as { answer: { loss: number; numbers: number[][]; sizes: number[]; error?: string } }).answer,
  );
  expect(found.error).toBeUndefined();
  // All of it in one module would be too long.
  expect(found.sizes.reduce((sum, bytes) => sum + bytes)).toBeGreaterThan(most);
  expect(Math.max(...found.sizes)).toBeLessThanOrEqual(most);
  const here = await gradientOf(ufom);
  expect(found.loss).toBe(here.loss);
  expect(found.numbers).toEqual(here.numbers);
  // That of the last layer, as the first one's has faded.
  expect(here.numbers[1799].some(x => x !== 0)).toBe(true);
});
