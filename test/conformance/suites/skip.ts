import { expect, test } from "vitest";

/** Tests of a suite that an implementation is excused from, by name, and why. */
export interface Skip {
  readonly reason: string;
  readonly tests: readonly string[];
}

/** What every conformance suite is called with besides the implementation itself. */
export interface SuiteOptions {
  /** None if not given. */
  readonly skip?: readonly Skip[];
}

type Body = () => void | Promise<void>;

/** Declares the tests of a suite, leaving out those that are skipped. */
export interface SuiteTests {
  (name: string, body: Body): void;
  each<T>(cases: readonly T[]): (name: string, body: (c: T) => void | Promise<void>) => void;
  /** To be called last: a skip that names no test of the suite, or gives no reason, fails. */
  end(): void;
}

/** The tests of one call of a suite. */
export function suiteTests(skip: readonly Skip[] = []): SuiteTests {
  const skipped = new Set(skip.flatMap(({ tests }) => tests)),
    known = new Set<string>();
  const runner = (name: string) => {
    known.add(name);
    return skipped.has(name) ? test.skip : test;
  };
  return Object.assign((name: string, body: Body) => runner(name)(name, body), {
    each:
      <T>(cases: readonly T[]) =>
      (name: string, body: (c: T) => void | Promise<void>) => {
        if (cases.length === 0) throw new Error(`the test "${name}" has no cases`);
        // One argument a case, also where a case is an array.
        runner(name).for(cases)(name, c => body(c));
      },
    end() {
      test("skips tests that there are, and says why", () => {
        expect([...skipped].filter(name => !known.has(name))).toEqual([]);
        expect(skip.filter(({ reason }) => reason.trim() === "")).toEqual([]);
      });
    },
  });
}
