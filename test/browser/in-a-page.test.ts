import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildIfStale } from "../../scripts/build.mjs";
import { singleFile } from "../../scripts/single-file.mjs";
import { openBrowser } from "../support/browser.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
let browser: Browser;
let library: string, example: string;
beforeAll(async () => {
  await buildIfStale();
  library = await readFile(path.join(root, singleFile), "utf8");
  const text = await readFile(path.join(root, "docs/in-a-page.md"), "utf8");
  example = /```html\n(.*?)```/s.exec(text)![1];
  browser = await openBrowser();
});
afterAll(() => browser.close());

/** Opens a page of a made-up site that has the single file, under a policy. */
async function open(html: string, policy?: string): Promise<Page> {
  const page = await browser.newPage();
  await page.route("http://ufom.test/**", (route, request) =>
    request.url().endsWith(".js")
      ? route.fulfill({ contentType: "text/javascript", body: library })
      : route.fulfill({
          contentType: "text/html",
          body: html,
          headers: policy === undefined ? {} : { "content-security-policy": policy },
        }),
  );
  await page.goto("http://ufom.test/");
  return page;
}

/** Scripts of the page's own and the site's files, as most policies have them. */
const scripts = "script-src 'self' 'unsafe-inline'";

const asking = `<!doctype html><script type="module">
  import { chooseExecutor, createWasmExecutor, UfomError } from "./ufom.min.js";
  const answer = {};
  try { answer.made = createWasmExecutor().name; } catch (error) { answer.refused = error.message; answer.ours = error instanceof UfomError; }
  const { executor, reason } = chooseExecutor();
  globalThis.answer = { ...answer, name: executor.name, reason };
</script>`;
const answerOf = async (page: Page): Promise<unknown> => {
  await page.waitForFunction(() => "answer" in globalThis);
  return page.evaluate(() => (globalThis as unknown as { answer: unknown }).answer);
};

describe("in a page", () => {
  it("the example of the document runs from the single file through an import map, under a policy that allows WebAssembly", async () => {
    const page = await open(example, `${scripts} 'wasm-unsafe-eval'`);
    await page.waitForFunction(() => document.body.textContent.startsWith("outer loss"));
    const { hypergradient, defineProblem, np, zeros } = await import("../../src/index.js");
    const problem = defineProblem({
      theta: () => zeros(2),
      task: random => random.normal([2]),
      init: theta => theta,
      inner: { loss: (_, phi, x) => np.square(phi.sub(x)).sum(), rate: 0.1, steps: 5 },
      outer: (_, phi, x) => np.square(phi.sub(x)).mean(),
    });
    const { loss } = await hypergradient(problem, { estimator: "exact" });
    expect(await page.evaluate(() => document.body.textContent)).toBe(`outer loss ${loss}`);
  });

  it("a policy that allows WebAssembly is enough", async () => {
    expect(await answerOf(await open(asking, `${scripts} 'wasm-unsafe-eval'`))).toMatchObject({ made: "wasm", name: "wasm" });
  });

  it("a policy that forbids it is named in a sentence, and auto goes on", async () => {
    const answer = await answerOf(await open(asking, scripts));
    expect(answer).toMatchObject({ ours: true, name: "reference" });
    const { refused, reason } = answer as { refused: string; reason: string };
    expect(refused).toMatch(/^ufom: the wasm executor needs WebAssembly, which is refused here; .*'wasm-unsafe-eval' in script-src/);
    expect(reason).toMatch(/^auto: the wasm executor needs WebAssembly, .*: plain TypeScript takes any program$/);
  });
});
