import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  adapt,
  chooseExecutor,
  createWasmExecutor,
  defineProblem,
  evaluate,
  f32,
  hypergradient,
  nn,
  np,
  solve,
  zeros,
  type Value,
} from "../../src/index.js";
import { installCommand, librariesFor } from "../../src/executors/native/libraries.js";
import { keep, keptFile, measuredBefore } from "../../src/executors/native/kept.js";
import { nodeProcess } from "../../src/executors/native/host.js";
import { selfTest } from "../../src/executors/native/self-test.js";
import { libraryFlags } from "../../src/executors/wasm/kernels/library-signature.js";
import { nativeExecutor, withoutLibrary } from "./available.js";

let loadKoffiAndLibrary: () => unknown;

const refusal = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was refused";
};

describe("native is refused where it cannot be meant", () => {
  test("the option's own forms", () => {
    for (const [bad, said] of [
      [3, "native must be true, the path of a library, or { path, threads, threshold }; received 3"],
      ["", 'native must be true, the path of a library, or { path, threads, threshold }; received ""'],
      [{ path: "" }, 'native.path must be the path of a library; received ""'],
      [{ threads: 0 }, "native.threads must be a whole number of at least 1; received 0"],
      [{ threshold: 0.5 }, "native.threshold must be a whole number of at least 0; received 0.5"],
      [{ thread: 1 }, "native takes the options path, threads, threshold (did you mean threads?); received thread"],
    ] as const)
      expect(refusal(() => createWasmExecutor({ native: bad as never }))).toBe(`ufom: ${said}.`);
  });

  test("beside another executor", () => {
    expect(refusal(() => chooseExecutor("reference", [], {}))).toBe('ufom: native goes with the executor wasm; received "reference".');
    expect(refusal(() => evaluate((x: Value) => x, { native: true, executor: createWasmExecutor() }))).toBe(
      "ufom: native is given beside the name of an executor, or to createWasmExecutor; received an executor, wasm.",
    );
  });

  test("a library that is not there, and one that multiplies nothing", () => {
    if (withoutLibrary?.includes("koffi")) return expect(withoutLibrary).toContain("npm install koffi");
    expect(refusal(() => createWasmExecutor({ native: "/no/such/libblas.so" }))).toMatch(
      /^ufom: native cannot load the library \/no\/such\/libblas.so: .*\.$/,
    );
    if (process.platform === "linux")
      expect(refusal(() => createWasmExecutor({ native: "libm.so.6" }))).toBe(
        "ufom: native needs a library with cblas_sgemm and cblas_dgemm, and libm.so.6 has none.",
      );
  });

  test("a page", () => {
    const real = process.getBuiltinModule.bind(process);
    try {
      (process as { getBuiltinModule?: unknown }).getBuiltinModule = undefined;
      expect(nodeProcess()).toBeUndefined();
      expect(refusal(() => createWasmExecutor({ native: "other" }))).toBe(
        "ufom: native needs Node 20.19 or newer, since a page has no libraries; received a place that is none.",
      );
    } finally {
      process.getBuiltinModule = real;
    }
  });

  /** What is thrown where `require("koffi")` gives this. */
  const withKoffi = (koffi: () => unknown): string => {
    const real = process.getBuiltinModule.bind(process);
    try {
      (process as { getBuiltinModule: unknown }).getBuiltinModule = (name: string) =>
        name === "node:module" ? { createRequire: () => koffi } : real(name as never);
      return refusal(() => loadKoffiAndLibrary());
    } finally {
      process.getBuiltinModule = real;
    }
  };

  test("a missing package and a missing library, with the commands that add them", async () => {
    vi.resetModules();
    const { loadBlas } = await import("../../src/executors/native/blas.js");
    loadKoffiAndLibrary = () => loadBlas();
    const none = () => {
      throw new Error("there is none");
    };
    expect(withKoffi(none)).toBe(
      "ufom: native needs the package koffi, which calls the machine's libraries; add it with: npm install koffi.",
    );
    expect(withKoffi(() => ({ load: none }))).toMatch(
      /^ufom: native needs a library of matrix products, and none of .*OpenBLAS \(.*\).* is found here; add one with: .*\.$/,
    );
  });

  test("every system has a list of libraries and a command", () => {
    expect(
      ["darwin", "linux", "win32", "freebsd"].map(system =>
        librariesFor(system)
          .map(({ name }) => name)
          .join(),
      ),
    ).toEqual(["Accelerate,OpenBLAS", "MKL,OpenBLAS,BLIS", "OpenBLAS", "MKL,OpenBLAS,BLIS"]);
    expect(installCommand("linux")).toBe("apt-get install libopenblas0-pthread");
    expect(installCommand("darwin")).toBe("brew install openblas");
  });
});

describe("a library is tried before it is used", () => {
  /** Products by the definition; `skipping` leaves out terms with a zero in a, as the oldest libraries do. */
  const plain =
    (skipping: boolean) =>
    (memory: WebAssembly.Memory) =>
    (flags: number, m: number, n: number, k: number, ...rest: number[]) => {
      const [a, lda, b, ldb, c, ldc] = rest,
        x = flags & libraryFlags.float64 ? new Float64Array(memory.buffer) : new Float32Array(memory.buffer),
        at = (pointer: number) => pointer / x.BYTES_PER_ELEMENT;
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          let sum = flags & libraryFlags.accumulate ? x[at(c) + i * ldc + j] : 0;
          for (let l = 0; l < k; l++) {
            const p = x[at(a) + (flags & libraryFlags.transposeA ? l * lda + i : i * lda + l)],
              q = x[at(b) + (flags & libraryFlags.transposeB ? j * ldb + l : l * ldb + j)];
            if (!(skipping && p === 0)) sum += p * q;
          }
          x[at(c) + i * ldc + j] = sum;
        }
    };

  test("one that multiplies passes, one that skips zeros does not", () => {
    expect(refusal(() => selfTest("right.so", plain(false)))).toBe("nothing was refused");
    expect(refusal(() => selfTest("skips.so", plain(true)))).toMatch(
      /^ufom: native needs a library that multiplies as IEEE 754 says, and that of skips.so gave .* for NaN in a product/,
    );
  });
});

describe("what was measured is kept in a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "ufom-native-"));
  beforeEach(() => void vi.stubEnv("XDG_CACHE_HOME", folder));
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });
  const measured = { threshold: 4096, wasm: 40, library: 90 };

  test("beside what other libraries have there", () => {
    expect(measuredBefore("one")).toBeUndefined();
    expect(keep("one", measured)).toBeUndefined();
    expect(keep("two", { ...measured, threshold: 8 })).toBeUndefined();
    expect(measuredBefore("one")).toEqual(measured);
    expect(JSON.parse(readFileSync(keptFile(), "utf8"))).toEqual({ one: measured, two: { ...measured, threshold: 8 } });
  });

  test("which is written anew if it is none of ours", () => {
    mkdirSync(join(folder, "ufom"), { recursive: true });
    writeFileSync(keptFile(), "not JSON");
    expect(measuredBefore("one")).toBeUndefined();
    expect(keep("one", measured)).toBeUndefined();
    expect(measuredBefore("one")).toEqual(measured);
  });

  test("or not, with the reason", () => {
    writeFileSync(folder + "-file", "");
    vi.stubEnv("XDG_CACHE_HOME", folder + "-file");
    expect(keep("one", measured)).toMatch(/ENOTDIR|EEXIST/);
    rmSync(folder + "-file");
  });
});

describe.skipIf(withoutLibrary !== undefined)("with a library", () => {
  test("an executor tells which, and what is handed over", () => {
    const { native, name } = nativeExecutor(5000);
    expect(name).toBe("wasm");
    expect(native).toMatchObject({ threads: 1, threshold: 5000 });
    expect(native!.library.length).toBeGreaterThan(3);
    expect(createWasmExecutor().native).toBeUndefined();
    expect(chooseExecutor("wasm", [], { threads: 1, threshold: 5000 }).reason).toBe(
      `native: products of at least 5000 multiplications by ${native!.library} (${native!.path}), 1 thread`,
    );
  });

  const w = (n: number, m: number, s: number) =>
    f32(
      Array.from({ length: n * m }, (_, i) => Math.sin(i * s)),
      n,
      m,
    );
  const problem = defineProblem({
    theta: () => ({ a: w(12, 16, 1.1), b: zeros(16), c: w(16, 3, 2.3) }),
    task: () => ({ x: w(20, 12, 0.7), y: w(20, 3, 1.7) }),
    init: t => t,
    inner: { loss: (_, p, { x, y }) => nn.mse(np.matmul(np.tanh(np.matmul(x, p.a).add(p.b)), p.c), y), rate: 0.1, steps: 4 },
    outer: (_, p, { x, y }) => nn.mse(np.matmul(np.tanh(np.matmul(x, p.a).add(p.b)), p.c), y.mul(2)),
  });
  const native = { threads: 1, threshold: 0 } as const;

  test("hypergradients, adapted models and runs are those without it, up to rounding", async () => {
    const options = { estimator: "exact", dtype: "float64" } as const,
      [one, other] = [await hypergradient(problem, options), await hypergradient(problem, { ...options, native })];
    for (const key of ["a", "b", "c"] as const)
      other.gradient[key].data.forEach((x, i) => {
        expect(x).toBeCloseTo(one.gradient[key].data[i], 12);
      });
    expect(other.gradient.a.data.some(x => Math.abs(x) > 1e-3)).toBe(true);
    expect((await adapt(problem, { dtype: "float64", native })).outer).toBeCloseTo((await adapt(problem, { dtype: "float64" })).outer, 12);
    const run = (more: object) =>
      solve(problem, { estimator: "exact", outer: "sgd:0.1", outerSteps: 3, dtype: "float64", ...more }).result();
    expect((await run({ native })).loss).toBeCloseTo((await run({})).loss, 12);
    const [x, y] = [w(9, 8, 1), w(8, 7, 2)],
      multiply = (more: object) => evaluate((p: Value, q: Value) => np.matmul(p, q), more)(x, y),
      expected = await multiply({});
    (await multiply({ native })).data.forEach((v, i) => {
      expect(v).toBeCloseTo(expected.data[i], 5);
    });
  });

  test("the threshold is measured, and the same for the next process", () => {
    const script = `
      import { createWasmExecutor } from "./src/index.ts";
      const { native } = createWasmExecutor({ native: { threads: 1 } });
      console.log(JSON.stringify(native));`,
      folder = mkdtempSync(join(tmpdir(), "ufom-native-")),
      tell = () => execFileSync("npx", ["tsx", "--eval", script], { env: { ...process.env, XDG_CACHE_HOME: folder }, encoding: "utf8" });
    try {
      const first = JSON.parse(tell()) as { threshold: number };
      expect(first.threshold).toBeGreaterThan(0);
      expect(Object.values(JSON.parse(readFileSync(join(folder, "ufom/native.json"), "utf8")) as object)).toMatchObject([
        { threshold: first.threshold },
      ]);
      expect(JSON.parse(tell())).toEqual(first);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
