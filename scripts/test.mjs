// `npm test`: installs what is missing, then every gate. `node scripts/test.mjs check` runs a part (the suites of gates/index.mjs).
import { ensure } from "./ensure.mjs";

const bold = (/** @type {string} */ text) => (process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text);

/**
 * A gate that throws has failed; the gates after it still run.
 * @param {import("./gates/gate.mjs").Gate} gate
 * @returns {Promise<import("./gates/gate.mjs").Verdict>}
 */
async function judge(gate) {
  try {
    return await gate.judge();
  } catch (error) {
    return { ok: false, output: `${error instanceof Error ? error.stack : error}\n` };
  }
}

/** A verdict, and how long it took. @param {import("./gates/gate.mjs").Gate} gate */
async function timed(gate) {
  const start = performance.now();
  return { ...(await judge(gate)), milliseconds: performance.now() - start };
}

/**
 * Each gate with its verdict: what runs at the same time begins when the first of it is asked for.
 * @param {readonly import("./gates/gate.mjs").Step[]} steps
 * @returns {Generator<[import("./gates/gate.mjs").Gate, () => ReturnType<typeof timed>]>}
 */
function* started(steps) {
  for (const step of steps) {
    if (!Array.isArray(step)) {
      const gate = /** @type {import("./gates/gate.mjs").Gate} */ (step);
      yield [gate, () => timed(gate)];
      continue;
    }
    const lists = /** @type {readonly (readonly import("./gates/gate.mjs").Gate[])[]} */ (step);
    const begun = lists.flatMap(list => {
      /** @type {Promise<unknown>} */
      let before = Promise.resolve();
      return list.map(gate => {
        const verdict = before.then(() => timed(gate));
        before = verdict;
        return /** @type {const} */ ([gate, verdict]);
      });
    });
    for (const [gate, verdict] of begun) yield [gate, () => verdict];
  }
}

/** What to expect, on two quiet cores of 2024. @type {Record<string, string>} */
const lengths = { all: "about eleven minutes", check: "about half a minute", package: "about 20 seconds" };

const name = process.argv[2] ?? "all";
const begin = performance.now();
let passed = 0;
let failed = 0;
try {
  await ensure();
  const { suites } = await import("./gates/index.mjs");
  const gates = suites[name];
  if (gates) console.log(`This takes ${lengths[name]} on two quiet cores. What a slow machine takes longer is not cut off.`);
  if (!gates) throw new Error(`${name} is no suite; there are ${Object.keys(suites).join(", ")}.`);
  for (const [gate, verdict] of started(gates)) {
    process.stdout.write(bold(`── ${gate.name} `));
    const { ok, output, note, tests, milliseconds } = await verdict();
    const seconds = `${(milliseconds / 1000).toFixed(1)} s`;
    console.log(`${ok ? "ok" : "FAILED"} (${[note, seconds].filter(Boolean).join(", ")})`);
    if (!ok) console.log(output.trimEnd());
    passed += tests ? tests.passed : Number(ok);
    failed += tests ? tests.failed : Number(!ok);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  failed += 1;
}
const seconds = Math.round((performance.now() - begin) / 1000);
console.log(`${Math.floor(seconds / 60)} min ${seconds % 60} s`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
