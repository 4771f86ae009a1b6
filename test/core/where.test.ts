import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { defineProblem, grad, hypergradient, nn, np, zeros } from "../../src/index.js";
import { userFrame } from "../../src/core/problem/where.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The place in this file whose line ends in a mark. */
async function lineOf(mark: string): Promise<string> {
  const lines = (await readFile(fileURLToPath(import.meta.url), "utf8")).split("\n");
  return `where.test.ts:${lines.findIndex(line => line.endsWith(`// ${mark}`)) + 1}`;
}
const messageOf = (f: () => unknown): Promise<string> =>
  new Promise(resolve => resolve(f())).then(
    () => "accepted",
    (error: Error) => error.message,
  );

describe("the line in a sentence, under vitest", () => {
  const start = { theta: () => zeros(3), task: () => zeros(2), init: (theta: ReturnType<typeof np.zeros>) => theta };
  const scalar = { loss: (_: unknown, phi: ReturnType<typeof np.zeros>) => phi.sum(), rate: 0.1, steps: 1 };

  test("is that of the user's own line where it throws", async () => {
    const message = await messageOf(() =>
      defineProblem({
        ...start,
        inner: {
          loss: (_, phi, task) => phi.add(task).sum(), // adds
          rate: 0.1,
          steps: 1,
        },
        outer: (_, phi) => phi.sum(),
      }),
    );
    expect(message).toContain(`(inner.loss, ${await lineOf("adds")}).`);
  });

  test("is found below many frames of the library's", async () => {
    const deep = grad(grad(grad(grad((x: ReturnType<typeof np.zeros>) => x.add(np.zeros([2])).sum() as never)))); // deep
    const loss = () => deep(np.zeros([3])).sum();
    const message = await messageOf(() => defineProblem({ ...start, inner: { ...scalar, loss }, outer: (_, phi) => phi.sum() }));
    expect(message).toContain(`(inner.loss, ${await lineOf("deep")}).`);
    expect(Error.stackTraceLimit).toBeLessThan(60);
  });

  test("is where that was made which a function returned", async () => {
    let asked = 0;
    const phi = np.zeros; // not here
    const message = await messageOf(() =>
      defineProblem({
        ...start,
        init: () => phi([3]),
        inner: {
          loss: (_, w) => {
            asked++;
            const squares = np.square(w); // returned
            np.exp(squares); // not this either
            return squares;
          },
          rate: 0.1,
          steps: 1,
        },
        outer: (_, w) => w.sum(),
      }),
    );
    expect(message).toContain(`received float32[3] (inner.loss, ${await lineOf("returned")}).`);
    // Once for the check, once for the line; no stack is kept while all is well.
    expect(asked).toBe(2);
  });

  test("or where a function ended that returned no value", async () => {
    const loss = ((_: unknown, phi: ReturnType<typeof np.zeros>) => {
      const squares = np.square(phi);
      void squares.sum(); // ended
    }) as never;
    const message = await messageOf(() => defineProblem({ ...start, inner: { ...scalar, loss }, outer: (_, phi) => phi.sum() }));
    expect(message).toContain(`received undefined (inner.loss, ${await lineOf("ended")}).`);
  });

  test("comes with the function of ufom's that was called with something else than it takes", async () => {
    const nothing = undefined as never,
      outer = (_: unknown, phi: ReturnType<typeof np.zeros>) => phi.sum();
    const saidOf = (f: (phi: ReturnType<typeof np.zeros>) => unknown) =>
      messageOf(() =>
        defineProblem({
          ...start,
          inner: { ...scalar, loss: (_: unknown, phi: ReturnType<typeof np.zeros>) => f(phi) as typeof phi },
          outer,
        }),
      );
    const at = /\(inner\.loss, where\.test\.ts:\d+\)\.$/;
    const said = [
      await saidOf(phi => np.dot(phi, nothing)),
      await saidOf(phi => phi.reshape(nothing)),
      await saidOf(() => nn.softmax(nothing)),
      await saidOf(phi => phi.sum("0" as never)),
      await saidOf(() => (nothing as { missing: { w: unknown } }).missing.w),
      await saidOf(phi => Math.max(...(phi as never as number[]))),
    ];
    for (const sentence of said) expect(sentence).toMatch(at);
    expect(said.map(sentence => sentence.replace(at, "…"))).toMatchInlineSnapshot(`
      [
        "ufom: dot takes traced values, numbers, lists of numbers and host arrays; received undefined …",
        "ufom: reshape needs extents that fit the 3 elements of float32[3]; received [] …",
        "ufom: softmax takes traced values, numbers, lists of numbers and host arrays; received undefined …",
        "ufom: sum takes axes of float32[3], each once; received [0] …",
        "ufom: inner.loss threw TypeError: Cannot read properties of undefined (reading 'missing') …",
        "ufom: a traced value has no numbers to go through (use .slice, np.split, vmap; np.max for Math.max); received float32[3] …",
      ]
    `);
  });

  test("is also told where θ enters inner steps only", async () => {
    const problem = defineProblem({ ...start, init: () => np.zeros([3]), inner: scalar, outer: (_, phi) => phi.sum() }); // vanishes
    const message = await messageOf(() => hypergradient(problem, { estimator: "first-order" }));
    expect(message).toContain(`θ enters its inner steps only (defineProblem, ${await lineOf("vanishes")}).`);
  });

  test("is where the problem was defined if the function has returned what it was given", async () => {
    const loss = (_: unknown, phi: ReturnType<typeof np.zeros>) => phi;
    const define = () => defineProblem({ ...start, inner: { ...scalar, loss }, outer: (_, phi) => phi.sum() }); // defined
    expect(await messageOf(define)).toContain(`(inner.loss, ${await lineOf("defined")}).`);
  });

  test("and not where a gradient was asked for", async () => {
    let asked = 0;
    const task = () => zeros(++asked < 2 ? 2 : 3);
    const problem = defineProblem({ ...start, task, inner: scalar, outer: (_, phi) => phi.sum() }); // asks
    expect(await messageOf(() => hypergradient(problem))).toContain(`(task, ${await lineOf("asks")}).`);
  });

  test("also when a task fails later", async () => {
    const task = async () => {
      await Promise.resolve();
      throw new Error("404"); // later
    };
    const problem = defineProblem({ ...start, task, inner: scalar, outer: (_, phi) => phi.sum() });
    expect(await messageOf(() => hypergradient(problem))).toBe(`ufom: task threw Error: 404 (task, ${await lineOf("later")}).`);
  });

  test("the error behind it is kept", async () => {
    const cause = new RangeError("too far");
    const theta = (): ReturnType<typeof zeros> => {
      throw cause;
    };
    const define = () => defineProblem({ ...start, theta, inner: scalar, outer: (_, phi) => phi.sum() });
    expect(await new Promise(resolve => resolve(define())).catch((e: Error) => e.cause)).toBe(cause);
  });
});

/** A user's module whose eighth line does not fit. */
const userModule = (library: URL): string => `import { defineProblem, np, zeros } from "${library.href}";

export default defineProblem({
  theta: () => zeros(3),
  task: () => zeros(2),
  init: theta => theta,
  inner: {
    loss: (theta, phi, task) => np.square(phi.sub(task)).sum(),
    rate: 0.1,
    steps: 2,
  },
  outer: (theta, phi) => phi.sum(),
});
`;

/** Does something with a folder of its own. */
async function inFolder<T>(f: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), "ufom where-"));
  try {
    return await f(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What a process says that imports a module. */
const saidBy = (name: string, source: string, args: readonly string[]): Promise<string> =>
  inFolder(async folder => {
    const file = path.join(folder, name);
    await writeFile(file, source);
    return promisify(execFile)(process.execPath, [...args, file], { cwd: root }).then(
      () => "accepted",
      ({ stderr }: { stderr: string }) => /ufom: .*/.exec(stderr)?.[0] ?? stderr,
    );
  });

describe("the line in a sentence, in a process of its own", () => {
  test("TypeScript through tsx", async () => {
    const said = await saidBy("my problem.mts", userModule(new URL("../../src/index.ts", import.meta.url)), ["--import", "tsx"]);
    expect(said).toMatch(/^ufom: subtract .*; received .* \(inner\.loss, my problem\.mts:8\)\.$/);
  });

  test("plain JavaScript on compiled modules, also where traces show the sources", () =>
    inFolder(async folder => {
      const { build } = await import("esbuild");
      await cp(path.join(root, "src"), path.join(folder, "src"), { recursive: true });
      await writeFile(path.join(folder, "package.json"), '{ "type": "module" }');
      const entryPoints = [path.join(folder, "src/**/*.ts")];
      await build({ entryPoints, outdir: path.join(folder, "dist"), format: "esm", sourcemap: true, logLevel: "error" });
      const right = userModule(pathToFileURL(path.join(folder, "dist/index.js"))),
        returned = right.replace("np.square(phi.sub(task)).sum()", "np.square(phi)");
      for (const args of [[], ["--enable-source-maps"]]) {
        expect(await saidBy("my problem.mjs", right, args)).toMatch(
          /^ufom: subtract .*; received .* \(inner\.loss, my problem\.mjs:8\)\.$/,
        );
        expect(await saidBy("my problem.mjs", returned, args)).toMatch(
          /^ufom: inner\.loss .*; received .* \(inner\.loss, my problem\.mjs:8\)\.$/,
        );
      }
    }));
});

describe("userFrame", () => {
  const stack = (...frames: string[]) => ["Error: x", ...frames.map(f => `    at ${f}`)].join("\n");
  const error = new URL("../../src/tensor/error.ts", import.meta.url).href;
  test.each([
    ["a function", stack("loss (file:///home/me/my.ts:14:3)"), "my.ts:14"],
    ["no function", stack("file:///home/me/my.ts:14:3"), "my.ts:14"],
    ["a path", stack("Object.loss (/home/me/my.ts:14:3)"), "my.ts:14"],
    ["a path on Windows", stack("Object.loss (C:\\Users\\me\\my.ts:14:3)"), "my.ts:14"],
    ["a page", stack("loss (https://example.org/a/my.js?v=3:14:3)"), "my.js:14"],
    ["a space", stack("loss (file:///home/me/my%20problem.ts:14:3)"), "my problem.ts:14"],
    ["an async frame", stack("async file:///home/me/my.ts:14:3"), "my.ts:14"],
    [
      "packages and Node before it",
      stack("f (/a/node_modules/x/y.js:1:1)", "new Promise (<anonymous>)", "node:internal/x:1:1", "g (/a/my.ts:2:2)"),
      "my.ts:2",
    ],
    ["ufom's own before it", stack(`fail (${error}:9:9)`, "g (/home/me/my.ts:2:2)"), "my.ts:2"],
    ["nothing of the user's", stack("node:internal/x:1:1"), undefined],
    ["no stack", undefined, undefined],
  ])("%s", (_, text, place) => expect(userFrame(text)).toBe(place));
});
