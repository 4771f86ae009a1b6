// Breakages of the passes over programs, of what they know about operations, and of the compiler.

/** @type {readonly import("./list.mjs").Mutation[]} */
export const passes = [
  {
    what: "sums of finite numbers are taken to be finite",
    text: "  sum: reduce,",
    by: "  sum: { ...reduce, finite: kept },",
    tests: ["test/conformance/infinity.test.ts"],
  },
  {
    what: "times −1 is nothing",
    text: `if (by === -1) return rewriter.apply("negative", x);`,
    by: "if (by === -1) return x;",
    tests: ["test/program/passes/arithmetic.test.ts"],
  },
  {
    what: "an empty sum is 1",
    text: "if (sizeOf(shape) === 0) return rewriter.full(0, node);",
    by: "if (sizeOf(shape) === 0) return rewriter.full(1, node);",
    tests: ["test/program/passes/reductions.test.ts"],
  },
  {
    what: "a product of matrices counted half",
    text: "flops: (y, [a]) => 2 * sizeOf(y.shape) * sideOf(a)",
    by: "flops: (y, [a]) => sizeOf(y.shape) * sideOf(a)",
    tests: ["test/program/traits.test.ts"],
  },
  {
    what: "a convolution counted half",
    text: "=> 2 * sizeOf(y.shape) * sizeOf(w.shape.slice(1))",
    by: "=> sizeOf(y.shape) * sizeOf(w.shape.slice(1))",
    tests: ["test/program/traits.test.ts"],
  },
  {
    what: "memory is given back while it is still read",
    text: "for (const [t, k] of last) dying[k].push(t);",
    by: "for (const [t, k] of last) dying[Math.max(0, k - 1)].push(t);",
    tests: ["test/compiler/target.test.ts"],
  },
  {
    what: "a kernel reads more arrays than its target lets it",
    text: " && this.readsFew(kernel, t)",
    by: "",
    tests: ["test/compiler/target.test.ts"],
  },
];
