import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Browser } from "playwright-core";
import { committedDigests } from "../datasets/glyph-digests.js";
import { openBrowser } from "../support/browser.js";
import { bundle } from "./bundle.js";

describe("characters that are drawn by chance", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  it("have the same bytes in Chromium", async () => {
    const page = await browser.newPage();
    await page.setContent("<!doctype html><title>glyphs</title>");
    const alias = { "ufom/internal": fileURLToPath(new URL("../../src", import.meta.url)) };
    await page.addScriptTag({ content: await bundle("glyphs-page.ts", { format: "iife", alias }) });
    expect(await page.evaluate(() => globalThis.glyphDigestsHere())).toEqual(committedDigests);
  });
});
