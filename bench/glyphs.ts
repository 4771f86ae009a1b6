// npx tsx bench/glyphs.ts: what drawing a character takes, and how hard characters are to tell apart by their pixels, beside Omniglot's where they
// are on this machine (UFOM_DATA, else ../shared/data).
//   --tasks N    tasks of five classes, one image to learn from (800)
import { parseArgs } from "node:util";
import { glyphs } from "../cli/src/datasets/glyphs/index.js";
import { hanzi } from "../cli/src/datasets/hanzi.js";
import { nearestNeighbour } from "../test/datasets/nearest-neighbour.js";
import { omniglotIsHere, readOmniglot } from "./omniglot-964.js";

const { values } = parseArgs({ options: { tasks: { type: "string", default: "800" } } });
const tasks = Number(values.tasks);

/** Milliseconds that the process worked for one of many calls: the fastest of several rounds, each with numbers of its own. */
function milliseconds(calls: number, call: (i: number) => void): number {
  let best = Infinity;
  for (let round = 0; round < 8; round++) {
    const start = process.cpuUsage();
    for (let i = 0; i < calls; i++) call(calls * round + i);
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1000 / calls);
  }
  return best;
}

const timed = await glyphs();
/** Far apart, so that none is kept. */
const far = (i: number) => timed.at(100_003 * i);
const first = milliseconds(500, i => far(i).image(0));
console.log(`a new character of a new alphabet, and a drawing of it: ${first.toFixed(3)} ms`);
for (let i = 0; i < 500; i++) far(i).image(0);
console.log(`a further drawing: ${milliseconds(500, i => far(i % 500).image(1 + Math.floor(i / 500))).toFixed(3)} ms`);
console.log(`one that is kept: ${(1000 * milliseconds(500, i => far(i % 500).image(0))).toFixed(1)} µs`);

console.log("\nnearest neighbour on pixels, 32 × 32, one image of each class to learn from:");
for (const data of [await glyphs({ size: 32 }), await hanzi({ size: 32 }), ...(omniglotIsHere ? [readOmniglot()] : [])]) {
  for (const ways of [5, 20]) {
    const right = nearestNeighbour(data, ways, Math.ceil((5 * tasks) / ways));
    const off = 1.96 * Math.sqrt((right * (1 - right)) / (5 * tasks));
    console.log(`${data.name.padEnd(10)}${String(ways).padStart(3)} ways: ${(100 * right).toFixed(1)} ± ${(100 * off).toFixed(1)} %`);
  }
}
