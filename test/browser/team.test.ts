import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Browser, Page } from "playwright-core";
import { esbuildWorkerPlugin } from "../../scripts/worker-source.mjs";
import { adam, solve } from "../../src/index.js";
import { openBrowser } from "../support/browser.js";

import { everywhere } from "../support/problems.js";
import { treeDigest } from "../support/tree-digest.js";
import { bundle } from "./bundle.js";
import type { TeamSeen } from "./team-page.js";

const isolation = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" },
  scripts = "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'";

describe("threads in a page", () => {
  let browser: Browser, code: string, here: string;

  beforeAll(async () => {
    browser = await openBrowser();
    code = await bundle("team-page.ts", { format: "iife", plugins: [esbuildWorkerPlugin] });
    const options = { estimator: "ufom:0.5", outer: adam(0.01), outerSteps: 12, metaBatch: 5, seed: 5, workers: 1 };
    here = treeDigest((await solve(everywhere.problem, options)).theta);
  });
  afterAll(() => browser.close());

  /** A page of a made-up site with some headers. */
  async function open(headers: Record<string, string>): Promise<Page> {
    const page = await browser.newPage();
    await page.route("https://ufom.test/**", (route, request) =>
      request.url().endsWith(".js")
        ? route.fulfill({ contentType: "text/javascript", body: code, headers: { "cross-origin-resource-policy": "same-origin" } })
        : route.fulfill({ contentType: "text/html", body: `<!doctype html><title>team</title><script src="page.js"></script>`, headers }),
    );
    await page.goto("https://ufom.test/");
    await page.waitForFunction(() => "solveBy" in globalThis);
    return page;
  }
  const solved = (page: Page, ...args: Parameters<typeof globalThis.solveBy>): Promise<TeamSeen> =>
    page.evaluate(given => globalThis.solveBy(...given), args);

  test.each([
    ["isolated, so that memory is shared", isolation, true],
    ["not isolated, so that jobs are copied", {}, false],
    ["under a policy that allows them", { "content-security-policy": `${scripts}; worker-src blob:` }, false],
  ])("%s: the bits of Node", async (_, headers, isolated) => {
    const page = await open(headers);
    for (const workers of [1, 2, 3])
      expect(await solved(page, workers, 12)).toMatchObject({ isolated, workers, theta: here, notes: [], outcome: "finished" });
    // Threads of runs that ended are gone.
    await expect.poll(() => page.workers(), { timeout: 60_000 }).toEqual([]);
    await page.close();
  });

  test("a policy that forbids them is told, and the page computes by itself, with the same bits", async () => {
    const page = await open({ "content-security-policy": scripts }),
      { theta, notes } = await solved(page, 2, 12);
    expect(theta).toBe(here);
    expect(notes).toEqual([
      expect.stringMatching(/^workers: threads .* worker-src must contain blob: .*; the tasks were computed without them\.$/),
    ]);
    await page.close();
  });

  test.each([
    ["isolated", isolation],
    ["not isolated", {}],
  ])("the page (%s) draws frames while threads compute, and its abort ends them", async (_, headers) => {
    const page = await open(headers),
      { frames, outcome } = await solved(page, 2, 1e9, 20);
    expect(outcome).toBe("stopped");
    expect(frames).toBeGreaterThanOrEqual(20);
    await expect.poll(() => page.workers(), { timeout: 60_000 }).toEqual([]);
    await page.close();
  });
});
