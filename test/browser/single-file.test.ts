// The single file: what it weighs, what it has once, and threads that load it again.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildIfStale } from "../../scripts/build.mjs";
import { singleFile } from "../../scripts/single-file.mjs";
import { adam, defineProblem, f32, np, solve } from "../../src/index.js";
import { openBrowser } from "../support/browser.js";

const root = fileURLToPath(new URL("../..", import.meta.url)),
  file = path.join(root, singleFile);
let library: string;
beforeAll(async () => {
  await buildIfStale();
  library = await readFile(file, "utf8");
});

describe("the single file", () => {
  // What is here a little above what it is may grow with what the library can do; the document says what it is.
  const most = { gzip: 210, brotli: 180 };

  test("weighs what the document says, and no more than it may", async () => {
    const bytes = Buffer.from(library),
      now = { gzip: gzipSync(bytes).length / 1000, brotli: brotliCompressSync(bytes).length / 1000 },
      text = await readFile(path.join(root, "docs/in-a-page.md"), "utf8"),
      [, gzip, brotli] = /\((\d+) kB with gzip, (\d+) kB with brotli\)/.exec(text)!.map(Number);
    expect(now.gzip).toBeLessThan(most.gzip);
    expect(now.brotli).toBeLessThan(most.brotli);
    expect(Math.abs(now.gzip - gzip)).toBeLessThan(5);
    expect(Math.abs(now.brotli - brotli)).toBeLessThan(5);
  });

  test("has nothing twice, and nothing that only Node can use", () => {
    // A sentence of what a thread needs too.
    expect(library.split("takes buffers that are alive").length).toBe(2);
    expect(library).not.toContain("cblas_");
    expect(library).not.toContain("createRequire");
  });

  test("computes by threads in Node, with the same bits, and refuses a library there", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "ufom-single-")),
      script = path.join(folder, "run.mjs");
    try {
      await writeFile(
        script,
        `import * as ufom from ${JSON.stringify(pathToFileURL(file).href)};
        const run = ${String(solved)};
        let refused; try { ufom.createWasmExecutor({ native: true }); } catch (error) { refused = error.message; }
        console.log(JSON.stringify({ ...(await run(ufom, 2)), refused }));`,
      );
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [script]);
      expect(stderr).toBe("");
      expect(JSON.parse(stdout)).toEqual({
        ...(await here()),
        workers: 2,
        notes: [],
        refused: "ufom: native needs Node 20.19 or newer, since a page has no libraries; received code that was bundled for pages.",
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** A run, written so that a page can have it as a text. */
async function solved(
  { adam, defineProblem, f32, np, solve }: Pick<typeof import("../../src/index.js"), "adam" | "defineProblem" | "f32" | "np" | "solve">,
  workers: number,
) {
  const problem = defineProblem({
    theta: () => f32([0.5, -1, 2]),
    task: random => random.normal([3]),
    init: theta => theta,
    inner: { loss: (_, phi, x) => np.square(np.tanh(phi).sub(x)).sum(), rate: 0.1, steps: 5 },
    outer: (_, phi, x) => np.square(phi.sub(x)).mean(),
  });
  const found = await solve(problem, { estimator: "exact", outer: adam(0.1), outerSteps: 8, metaBatch: 4, seed: 3, workers });
  return { theta: Array.from(found.theta.data), workers: found.workers, notes: found.notes };
}
const here = () => solved({ adam, defineProblem, f32, np, solve }, 1);

describe("threads of a page that has the single file", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  const page = (address: string) => `<!doctype html><title>ufom</title>
    <script type="importmap">{ "imports": { "ufom": ${JSON.stringify(address)} } }</script>
    <script type="module">
      import * as ufom from "ufom";
      const run = ${String(solved)};
      globalThis.answer = await run(ufom, 2);
    </script>`;
  const isolation = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" },
    policy = (more: string) => ({ "content-security-policy": `script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'${more}` });

  async function answerOf(html: string, headers: Record<string, string>, text = library): Promise<Awaited<ReturnType<typeof solved>>> {
    const tab: Page = await browser.newPage();
    // The page's own site, and another one that lets everybody have its files.
    await tab.route(/^https:\/\/(site|files)\.test\//, (route, request) =>
      request.url().endsWith(".js")
        ? route.fulfill({
            contentType: "text/javascript",
            body: text,
            headers: { "access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin" },
          })
        : route.fulfill({ contentType: "text/html", body: html, headers }),
    );
    try {
      await tab.goto("https://site.test/");
      await tab.waitForFunction(() => "answer" in globalThis);
      const answer = await tab.evaluate(() => (globalThis as unknown as { answer: Awaited<ReturnType<typeof solved>> }).answer);
      await expect.poll(() => tab.workers(), { timeout: 60_000 }).toEqual([]);
      return answer;
    } finally {
      await tab.close();
    }
  }

  test.each<[string, string, Record<string, string>]>([
    ["of its own site", "/ufom.min.js", {}],
    ["of its own site, isolated", "/ufom.min.js", isolation],
    ["of its own site, under a policy that allows them", "/ufom.min.js", policy("; worker-src blob: 'self'")],
    ["of another site", "https://files.test/ufom.min.js", {}],
    ["of another site, isolated", "https://files.test/ufom.min.js", isolation],
    [
      "of another site, under a policy that names it",
      "https://files.test/ufom.min.js",
      policy(" https://files.test; worker-src blob: https://files.test"),
    ],
  ])("%s: the bits of Node", async (_, address, headers) => {
    expect(await answerOf(page(address), headers)).toEqual({ ...(await here()), workers: 2, notes: [] });
  });

  test.each([
    ["threads", ""],
    ["the file in threads", "; worker-src blob:"],
  ])("a policy that forbids %s is told, and the page computes by itself", async (_, more) => {
    const { theta, notes } = await answerOf(page("/ufom.min.js"), policy(more));
    expect(theta).toEqual((await here()).theta);
    const rule =
      "under a content security policy, worker-src must contain blob: and, where the page has ufom.min.js, the address of that (docs/threads.md)";
    expect(notes).toEqual([`workers: threads 3 in a row could not be started; ${rule}; the tasks were computed without them.`]);
  });

  test("a bundle that has swallowed the file is not run a second time by its threads", async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: `import * as ufom from ${JSON.stringify(file)};
          fetch("/ran.txt");
          const run = ${String(solved)};
          run(ufom, 2).then(answer => { globalThis.answer = { ...answer, document: typeof document }; });`,
        resolveDir: root,
      },
      bundle: true,
      format: "esm",
      platform: "browser",
      write: false,
      logLevel: "error",
    });
    let runs = 0;
    const tab = await browser.newPage();
    await tab.route("https://site.test/**", (route, request) => {
      runs += Number(request.url().endsWith("/ran.txt"));
      return request.url().endsWith(".js")
        ? route.fulfill({ contentType: "text/javascript", body: outputFiles[0].text })
        : route.fulfill({ contentType: "text/html", body: `<!doctype html><script type="module" src="/app.js"></script>` });
    });
    await tab.goto("https://site.test/");
    await tab.waitForFunction(() => "answer" in globalThis);
    const { theta, notes } = await tab.evaluate(() => (globalThis as unknown as { answer: Awaited<ReturnType<typeof solved>> }).answer);
    expect(theta).toEqual((await here()).theta);
    expect(notes.join()).toMatch(/^workers: threads 3 in a row .*; the tasks were computed without them\.$/);
    expect(runs).toBe(1);
    await tab.close();
  });
});
