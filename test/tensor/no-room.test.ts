import { describe, expect, it } from "vitest";
import { createReferenceExecutor, np, UfomError, zeros } from "../../src/index.js";
import { trace } from "../../src/tensor/trace.js";
import { allocate } from "../../src/tensor/types.js";

const huge = 2 ** 50;

describe("an array for which there is no room", () => {
  it("is refused in a sentence with its type and its bytes, wherever the host makes one", async () => {
    const sentence = /^ufom: an array float32\[1125899906842624\] must fit into memory; received 4,503,599,627,370,496 bytes, for which/;
    expect(() => allocate({ shape: [huge], dtype: "float32" })).toThrow(sentence);
    expect(() => allocate({ shape: [huge], dtype: "float32" })).toThrow(UfomError);
    expect(() => zeros(huge)).toThrow(sentence);
    const program = trace(() => np.zeros([huge]), [], "float32").program;
    const executor = createReferenceExecutor();
    await expect((async () => (await executor.compile(program)).run([]))()).rejects.toThrow(sentence);
  });
});
