import * as fc from "fast-check";

/**
 * fast-check with a named seed, so that a test does today what it did yesterday, here and elsewhere:
 * `UFOM_TEST_SEED=2 npm test` draws everything anew. A test that names a seed of its own keeps it.
 */
export const testSeed = Number(process.env.UFOM_TEST_SEED ?? 1);

fc.configureGlobal({ seed: testSeed });

export * from "fast-check";
