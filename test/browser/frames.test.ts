import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Browser, Page } from "playwright-core";
import { openBrowser } from "../support/browser.js";
import { bundle } from "./bundle.js";
import type { Seen } from "./frames-page.js";

describe("a page draws frames while it computes, and its abort is heard", () => {
  let browser: Browser, page: Page;

  beforeAll(async () => {
    browser = await openBrowser();
    page = await browser.newPage();
    await page.setContent("<!doctype html><title>frames</title>");
    await page.addScriptTag({ content: await bundle("frames-page.ts", { format: "iife" }) });
  });
  afterAll(() => browser.close());

  test.each([
    ["hypergradient", "a gradient of a billion inner steps", "AbortError"],
    ["solve", "an outer step of as many", "Stopped within outer step 1, as asked; θ is that of step 0."],
    ["routine", "an outer step that is one routine of seconds", "Stopped within outer step 1, as asked; θ is that of step 0."],
  ] as const)("%s: %s", async (what, _, end) => {
    // Without a turn of the event loop, no frame comes before the end, and nobody aborts it.
    const seen: Seen = await page.evaluate(([name, frames]) => globalThis.computeFor(name, frames), [what, 10] as const);
    expect(seen).toMatchObject({ frames: 10, end });
  });
});
