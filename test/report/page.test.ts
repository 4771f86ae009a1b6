import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunRecord, StepRecord } from "../../cli/src/problems/problem-entry.js";
import { compareReport } from "../../cli/src/report/compare-report.js";
import { runReport } from "../../cli/src/report/run-report.js";
import { openBrowser } from "../support/browser.js";

const longName = "a-name-that-is-much-longer-than-anybody-would-like-it-to-be-and-has-no-place-to-break</script><b>";
const step = (index: number): StepRecord => ({
  index,
  loss: 10 / index,
  probability: 1,
  counts: { step: 10 * index, product: 0, outer: 0 },
  gradientNorm: 1 / index,
  peakStates: 1,
  seconds: index,
  tracked: { someFigure: index * index },
  theta: { x: Array.from({ length: 12 }, (_, i) => index * i) },
});
const record = (estimator: string, seed = 1): RunRecord => ({
  problem: longName,
  estimator,
  seed,
  outcome: "finished",
  message: "All 40 outer steps are done.",
  outerSteps: 40,
  innerSteps: 10,
  seconds: 2,
  metrics: { [longName]: 123456789.123, tiny: 1.2345e-200, nan: NaN },
  counts: { step: 10, product: 5, outer: 1 },
  peakStates: 3,
  theta: [],
  steps: Array.from({ length: 40 }, (_, i) => step(i + 1)),
  options: { noise: longName },
});
const built = { problem: undefined as never, defaults: { estimator: "exact", outer: "adam:1", outerSteps: 1 } };
const common = { built, summary: longName, settings: [[longName, longName]] as const, commands: [`ufom run ${longName}`], version: "0" };

let folder: string;
let browser: Browser;
const files: Record<"run" | "compare", string> = { run: "", compare: "" };
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "ufom-page-"));
  const run = await runReport({ ...common, record: record("exact"), tables: [{ columns: ["a", longName], rows: [[longName, "1"]] }] });
  const names = ["exact", "ufom:adaptive:checkpoint=8:baseline=truncated:10"];
  const records = names.map(name => record(name));
  const links = ["exact-seed1/report.html", "ufom-seed1/report.html"];
  const compare = await compareReport({ ...common, problem: longName, records, varied: ["noise"], measured: true, links, budget: "1,000" });
  for (const [name, page] of [["run", run] as const, ["compare", compare] as const]) {
    await writeFile(path.join(folder, `${name}.html`), page);
    files[name] = pathToFileURL(path.join(folder, `${name}.html`)).href;
  }
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

/** Opens a report offline; whatever goes wrong in it, or asks for another file, fails. */
async function open(name: keyof typeof files, options: BrowserContextOptions, use: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ offline: true, ...options });
  try {
    const page = await context.newPage();
    const wrong: string[] = [];
    page.on("pageerror", error => wrong.push(error.message));
    page.on("console", message => wrong.push(message.text()));
    page.on("request", request => request.url() === files[name] || wrong.push(request.url()));
    await page.goto(files[name]);
    await use(page);
    expect(wrong).toEqual([]);
  } finally {
    await context.close();
  }
}

const luminance = (page: Page, selector: string, property: "color" | "backgroundColor" | "fill"): Promise<number> =>
  page.locator(selector).first().evaluate((element, name) => {
    const [r, g, b] = getComputedStyle(element)[name].match(/[\d.]+/g)!.map(Number);
    return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
  }, property); // prettier-ignore

describe("a report in a browser", () => {
  it.each(["run", "compare"] as const)("%s: is not wider than the window, narrow or wide, with long names and numbers", async name => {
    for (const width of [400, 1280]) {
      await open(name, { viewport: { width, height: 800 } }, async page => {
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        await page.locator("summary").click();
        const wide = await page
          .locator(".tile .value, .tile .label, h1, h3, dd, dt, .legend li, .caption")
          .evaluateAll(all => all.filter(e => e.scrollWidth > e.clientWidth + 1 || e.clientWidth === 0).map(e => e.outerHTML));
        expect(wide).toEqual([]);
        expect(await page.locator("h1").innerText()).toContain("</script><b>");
      });
    }
  });

  it("has light colours or dark ones, as the reader's system has; charts too", async () => {
    for (const [colorScheme, paperIsDark] of [["light", false], ["dark", true]] as const) {
      await open("run", { colorScheme }, async page => {
        for (const selector of ["body", ".card", ".tile"]) expect((await luminance(page, selector, "backgroundColor")) < 0.2).toBe(paperIsDark);
        for (const selector of ["body", "td"]) expect((await luminance(page, selector, "color")) > 0.7).toBe(paperIsDark);
        expect((await luminance(page, ".plot svg text", "fill")) > 0.7).toBe(paperIsDark);
      });
    } // prettier-ignore
  });

  it("shows the values under the cursor, and takes them away again", async () => {
    await open("run", {}, async page => {
      const plot = page.locator(".plot").first();
      const readout = page.locator(".readout").first();
      await plot.scrollIntoViewIfNeeded();
      const box = (await plot.boundingBox())!;
      // Half-way between the borders of the plot lies step 20 or 21 of 40.
      await page.mouse.move(box.x + box.width * ((74 + 420) / 2 / 440), box.y + box.height / 2);
      const text = await readout.innerText();
      const [, at, loss] = /^at (\d+)\nouter loss ([\d.]+)$/.exec(text)!;
      expect(Number(at)).toBeGreaterThan(150);
      expect(Number(at)).toBeLessThan(260);
      expect(Number(loss)).toBeCloseTo(10 / (Number(at) / 10), 3);
      expect(await plot.locator(".dot").count()).toBe(1);
      await page.mouse.move(0, 0);
      expect(await readout.innerText()).toBe("");
      expect(await plot.locator(".dot").count()).toBe(0);
    });
  });

  it("reads them by the keyboard", async () => {
    await open("run", {}, async page => {
      const readout = page.locator(".readout").nth(1);
      await page.locator(".plot").nth(1).focus();
      await page.keyboard.press("ArrowLeft");
      expect(await readout.innerText()).toBe("at 400\nexact 1,600");
      await page.keyboard.press("ArrowLeft");
      expect(await readout.innerText()).toBe("at 390\nexact 1,521");
      await page.keyboard.press("Home");
      await page.keyboard.press("ArrowRight");
      expect(await readout.innerText()).toBe("at 20\nexact 4");
      await page.keyboard.press("Escape");
      expect(await readout.innerText()).toBe("");
      expect(await readout.getAttribute("aria-live")).toBe("polite");
    });
  });

  it("reads them by a finger", async () => {
    await open("run", { hasTouch: true, viewport: { width: 400, height: 800 } }, async page => {
      const plot = page.locator(".plot").first();
      await plot.scrollIntoViewIfNeeded();
      await plot.tap();
      expect(await page.locator(".readout").first().innerText()).toMatch(/^at \d+\nouter loss [\d.]+$/);
    });
  });

  it("names the few lines that are near where there are many", async () => {
    await open("run", {}, async page => {
      const card = page.locator(".card", { hasText: "θ.x" }).last();
      expect(await card.locator(".legend").count()).toBe(0);
      await card.locator(".plot").focus();
      await page.keyboard.press("End");
      const names = (await card.locator(".readout").innerText()).split("\n").slice(1);
      expect(names).toHaveLength(4);
      // Near the middle of the axis, which goes from 0 to 440.
      for (const name of names) expect(name).toMatch(/^x\[[4-8]\] \d+$/);
    });
  });

  it("of a comparison leads to its runs", async () => {
    await open("compare", {}, async page => {
      const hrefs = await page.locator("td a").evaluateAll(all => all.map(a => [a.textContent, a.getAttribute("href")]));
      expect(hrefs).toEqual([
        ["exact", "exact-seed1/report.html"],
        ["ufom:adaptive:checkpoint=8:baseline=truncated:10", "ufom-seed1/report.html"],
      ]);
    });
  });
});
