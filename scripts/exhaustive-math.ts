/**
 * Every float32 argument and ten million float64 arguments of the wasm executor's elementary functions against references:
 *
 *     npx tsx scripts/exhaustive-math.ts [names…] [--float32 | --float64] [--samples=10000000]
 *
 * Prints a row of docs/numerics.md per function; exit code 1 if an error exceeds two ulp or a special value is wrong.
 */
import { arityOf, elementaryFunctions } from "../src/compiler/math/index.js";
import type { FloatType } from "../src/tensor/types.js";
import { mathModule, type MathModule } from "../test/executors/math-module.js";
import { references, ulpsFrom } from "../test/executors/math-reference.js";
import { float32Ulps, float64Arguments, float64References } from "../test/executors/math-samples.js";
import type { UnaryFunction } from "../test/executors/math-samples.js";

const functions = elementaryFunctions.filter((name): name is UnaryFunction => arityOf(name) === 1);
const chunk = 1 << 16;
const signBit = 0x80000000;
const quietNaN = 0x7fc00000;
/** f(−x) = sign · f(x): the negative half then needs no references, only equal bits. */
const parity: Partial<Record<UnaryFunction, number>> = {
  sin: signBit,
  tanh: signBit,
  erf: signBit,
  atan: signBit,
  asin: signBit,
  sinh: signBit,
  cos: 0,
  cosh: 0,
};

interface Worst {
  ulps: number;
  at: number;
  /** Results that must be exact (NaN, infinities, zeros, symmetry) and are not. */
  wrong: number;
  /** FNV-1a over the bits of all results: equal on every machine. */
  hash: number;
}

function everyFloat32(name: UnaryFunction): Worst {
  const module = mathModule(name, "float32", chunk);
  const reference = float64References[name];
  const sign = parity[name];
  const { input, output } = module;
  const inBits = new Uint32Array(input.buffer, input.byteOffset, chunk);
  const outBits = new Uint32Array(output.buffer, output.byteOffset, chunk);
  const positive = new Uint32Array(chunk);
  const worst: Worst = { ulps: 0, at: 0, wrong: 0, hash: 0x811c9dc5 };
  const run = (first: number): void => {
    for (let i = 0; i < chunk; i++) inBits[i] = first + i;
    module.run(chunk);
    for (let i = 0; i < chunk; i++) worst.hash = Math.imul(worst.hash ^ outBits[i], 0x01000193);
  };
  for (let first = 0; first < (sign === undefined ? 2 ** 32 : signBit); first += chunk) {
    run(first);
    for (let i = 0; i < chunk; i++) {
      const y = output[i];
      const r = reference(input[i]);
      if (Number.isNaN(r)) worst.wrong += Number(outBits[i] !== quietNaN);
      else if (r === 0) worst.wrong += Number(!Object.is(y, r));
      else {
        const ulps = float32Ulps(y, r);
        if (ulps > worst.ulps) {
          worst.ulps = ulps;
          worst.at = input[i];
        }
      }
    }
    if (sign === undefined) continue;
    positive.set(outBits);
    run(first + signBit);
    for (let i = 0; i < chunk; i++)
      worst.wrong += Number(outBits[i] !== (positive[i] === quietNaN ? quietNaN : (positive[i] ^ sign) >>> 0));
  }
  return worst;
}

function manyFloat64(name: UnaryFunction, samples: number): Worst {
  const module = mathModule(name, "float64", chunk);
  const next = float64Arguments(name, 1);
  const reference = references[name];
  const { input, output } = module;
  const outBits = new Uint32Array(output.buffer, output.byteOffset, 2 * chunk);
  const worst: Worst = { ulps: 0, at: 0, wrong: 0, hash: 0x811c9dc5 };
  for (let done = 0; done < samples; done += chunk) {
    for (let i = 0; i < chunk; i++) input[i] = next();
    module.run(chunk);
    for (let i = 0; i < chunk; i++) {
      const ulps = ulpsFrom(output[i], reference(input[i]));
      if (ulps > worst.ulps) {
        worst.ulps = ulps;
        worst.at = input[i];
      }
    }
    for (let i = 0; i < 2 * chunk; i++) worst.hash = Math.imul(worst.hash ^ outBits[i], 0x01000193);
  }
  return worst;
}

/** Nanoseconds per element, the best of several loops over 4096 arguments in ±5 (0 … 10 for log, −0.9 … 9.1 for log1p, ±1 for asin and acos). */
function nanoseconds(name: UnaryFunction, dtype: FloatType, inline: boolean): number {
  const count = 4096;
  const module: MathModule<FloatType> = mathModule<FloatType>(name, dtype, count, inline);
  const low = { log: 1e-3, log1p: -0.9, asin: -1, acos: -1 }[name as string] ?? -5;
  const width = name === "asin" || name === "acos" ? 2 : 10;
  // 1597 is prime to 4096: every argument once, in no order that a branch predictor could learn.
  for (let i = 0; i < count; i++) module.input[i] = low + (width * ((i * 1597) % count)) / count;
  let best = Infinity;
  for (let k = 0; k < 40; k++) {
    const start = performance.now();
    module.run(count, 50);
    best = Math.min(best, performance.now() - start);
  }
  return (best * 1e6) / (50 * count);
}

const options = process.argv.slice(2).filter(a => a.startsWith("--"));
const names = process.argv.slice(2).filter(a => !a.startsWith("--"));
for (const name of names)
  if (!functions.includes(name as UnaryFunction)) throw new Error(`ufom: no function "${name}"; there are ${functions.join(", ")}.`);
const samples = Number(options.find(o => o.startsWith("--samples="))?.split("=")[1] ?? 1e7);
const dtypes = (["float32", "float64"] as const).filter(
  d => !options.some(o => o === "--float32" || o === "--float64") || options.includes(`--${d}`),
);

console.log(
  "| function | type | largest error (ulp) | at x = | wrong special values | ns an element: called | in line | hash of the results |",
);
console.log("| --- | --- | --- | --- | --- | --- | --- | --- |");
for (const dtype of dtypes) {
  for (const name of names.length ? (names as UnaryFunction[]) : functions) {
    const { ulps, at, wrong, hash } = dtype === "float32" ? everyFloat32(name) : manyFloat64(name, samples);
    const [called, inline] = [false, true].map(inline => nanoseconds(name, dtype, inline).toFixed(1));
    console.log(
      `| ${name} | ${dtype} | ${ulps.toFixed(3)} | ${at} | ${dtype === "float32" ? wrong : "–"} | ${called} | ${inline} | ${(hash >>> 0).toString(16).padStart(8, "0")} |`,
    );
    if (ulps > 2 || wrong > 0) process.exitCode = 1;
  }
}
