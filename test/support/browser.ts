import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Browser } from "playwright-core";
import { chromium } from "playwright-core";

const commands = ["chromium", "chromium-browser", "google-chrome"];

/** A Chromium on the PATH. */
const found = (): string | undefined =>
  (process.env.PATH ?? "")
    .split(delimiter)
    .flatMap(folder => commands.map(command => join(folder, command)))
    .find(path => existsSync(path));

/**
 * Starts a headless Chromium: the one on the PATH (`npm test` installs Debian's), else the Chrome that playwright finds where the system
 * keeps it.
 */
export function openBrowser(): Promise<Browser> {
  const executablePath = found();
  return chromium.launch({
    ...(executablePath === undefined ? { channel: "chrome" } : { executablePath }),
    headless: true,
    args: [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
    ], // prettier-ignore
  });
}
