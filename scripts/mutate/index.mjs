// `npm run mutate`: breaks the code on purpose, one place at a time, and asks whether the tests notice. Words after it choose breakages by name.
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { runTool } from "../shell.mjs";
import { copy, find, sources } from "./copy.mjs";
import { mutations } from "./list.mjs";

/** Minutes after which a broken program is taken to hang, which is noticed too. */
const patience = 4;

/**
 * Runs tests in a copy.
 * @param {string} folder
 * @param {readonly string[]} tests
 * @param {{ bail?: boolean, minutes?: number }} [options] whether the first failure ends it
 */
const test = (folder, tests, { bail = false, minutes = patience } = {}) =>
  runTool("vitest/vitest.mjs", ["run", "--root", folder, "--maxWorkers=1", "--reporter=dot", ...(bail ? ["--bail=1"] : []), ...tests], {
    minutes,
  });

/**
 * What became of one breakage.
 * @typedef {{ family: string, what: string, verdict: "noticed" | "SURVIVED" | "NOT FOUND", by: string }} Outcome
 */

/**
 * @param {string} folder
 * @param {string} family
 * @param {import("./list.mjs").Mutation} mutation
 * @param {ReadonlyMap<string, string>} files
 * @returns {Promise<Outcome>}
 */
async function judge(folder, family, { what, text, by, tests }, files) {
  const found = find(files, text);
  if ("trouble" in found) return { family, what, verdict: "NOT FOUND", by: found.trouble };
  const path = join(folder, found.file),
    original = readFileSync(path, "utf8");
  writeFileSync(
    path,
    original.replace(text, () => by),
  );
  try {
    for (const name of tests)
      if ((await test(folder, [name], { bail: true })).code !== 0) return { family, what, verdict: "noticed", by: name };
    return { family, what, verdict: "SURVIVED", by: tests.join(", ") };
  } finally {
    writeFileSync(path, original);
  }
}

const words = process.argv.slice(2),
  files = sources(),
  chosen = Object.entries(mutations)
    .flatMap(([family, list]) => list.map(mutation => ({ family, mutation })))
    .filter(({ mutation: { what } }) => words.length === 0 || words.some(word => what.includes(word)));
const folders = Array.from({ length: Math.min(2, availableParallelism()) }, (_, i) => copy(`copy-${i}`));

// Tests that fail as they are would notice anything.
const every = [...new Set(chosen.flatMap(({ mutation: { tests } }) => tests))];
const halves = folders
  .map((folder, i) => ({ folder, tests: every.filter((_, k) => k % folders.length === i) }))
  .filter(({ tests }) => tests.length > 0);
const before = await Promise.all(halves.map(({ folder, tests }) => test(folder, tests, { minutes: 15 })));
for (const { code, output } of before)
  if (code !== 0) {
    console.error(`The tests fail before anything is broken:\n${output}`);
    process.exit(1);
  }

/** @type {Outcome[]} */
const outcomes = [];
const queue = chosen.map((one, place) => ({ ...one, place }));
await Promise.all(
  folders.map(async folder => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const outcome = (outcomes[next.place] = await judge(folder, next.family, next.mutation, files));
      console.error(`${outcome.verdict}: ${outcome.what}`);
    }
  }),
);

console.log("| family | breakage | | by |\n| --- | --- | --- | --- |");
for (const { family, what, verdict, by } of outcomes) console.log(`| ${family} | ${what} | ${verdict} | ${by} |`);
const noticed = outcomes.filter(({ verdict }) => verdict === "noticed").length;
console.log(`\n${noticed} of ${outcomes.length} noticed`);
process.exitCode = noticed === outcomes.length ? 0 : 1;
