import * as fc from "../support/fast-check.js";
import { describe, expect, it } from "vitest";
import { deserializeProgram, serializeProgram } from "../../src/program/serialize.js";
import { verifyProgram } from "../../src/program/verify.js";
import { randomProgram } from "../support/random-program.js";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Every place in a document: the object or list, and the key. */
function placesOf(json: Json): [Record<string, Json>, string][] {
  if (typeof json !== "object" || json === null) return [];
  return Object.entries(json).flatMap(([key, value]) => [
    [json as Record<string, Json>, key] as [Record<string, Json>, string],
    ...placesOf(value),
  ]);
}

const scraps = fc.constantFrom<Json>(
  -1,
  0.5,
  3,
  1e9,
  1e300,
  null,
  true,
  "x",
  "0",
  "length",
  "__proto__",
  "",
  [],
  [0],
  [1, 1],
  {},
  { index: 0 },
);

describe("deserializeProgram", () => {
  it("refuses damaged text with a sentence, or finds a well-typed program in it", () => {
    let refused = 0;
    fc.assert(
      fc.property(randomProgram(), fc.nat(), fc.boolean(), scraps, ({ program }, at, remove, scrap) => {
        const document = JSON.parse(serializeProgram(program)) as Json;
        const places = placesOf(document),
          [parent, key] = places[at % places.length];
        if (remove) delete parent[key];
        else parent[key] = scrap;
        try {
          verifyProgram(deserializeProgram(JSON.stringify(document)));
        } catch (error) {
          expect((error as Error).message).toMatch(/^ufom: .*\.$/s);
          refused++;
        }
      }),
      { numRuns: 2_000, seed: 1 },
    );
    expect(refused).toBeGreaterThan(1_000);
  });
});
