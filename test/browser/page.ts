// What runs in the page: the suite, with a row for each digest as it comes.
import type { Committed } from "./committed.js";
import type { Digests } from "./suite/index.js";
import { firstDifference, runSuite } from "./suite/index.js";

declare global {
  /** The page's digests, for who waits for them. */
  var digests: Promise<Digests>;
}

const element = (id: string): HTMLElement => document.getElementById(id)!;

const { texts, committed } = JSON.parse(element("data").textContent) as { texts: readonly string[]; committed: Committed };

function cell(row: HTMLTableRowElement, text: string, tag?: "code"): void {
  const td = row.insertCell();
  if (tag) td.append(Object.assign(document.createElement(tag), { textContent: text }));
  else td.textContent = text;
}

async function show(name: string, digest: string): Promise<void> {
  const row = (element("rows") as HTMLTableSectionElement).insertRow(),
    same = committed.digests[name] === digest;
  cell(row, name);
  cell(row, digest.slice(0, 32), "code");
  cell(row, same ? "the same" : "differs");
  if (!same) row.className = "differs";
  // The browser draws the row before the next program runs.
  await new Promise(resolve => setTimeout(resolve));
}

async function runAll(): Promise<Digests> {
  const verdict = element("verdict"),
    start = performance.now();
  try {
    const digests = await runSuite(texts, show),
      odd = firstDifference(committed.digests, digests),
      seconds = ((performance.now() - start) / 1000).toFixed(1);
    verdict.textContent = odd
      ? `The first difference: ${odd}.`
      : `All ${Object.keys(digests).length} digests are the committed ones (${seconds} s, ${navigator.userAgent}).`;
    verdict.classList.toggle("differs", odd !== undefined);
    return digests;
  } catch (error) {
    verdict.textContent = String(error);
    verdict.className = "differs";
    throw error;
  }
}

globalThis.digests = runAll();
