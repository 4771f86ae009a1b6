import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { importsOf } from "../../scripts/map/imports.mjs";
import { map, page } from "../../scripts/map/index.mjs";
import { house } from "../../scripts/map/rooms.mjs";

it("docs/map.md is what the code is (npm run map draws it)", () => {
  expect(readFileSync(page, "utf8") === map() ? "drawn" : "docs/map.md is not what the code is: run `npm run map`").toBe("drawn");
});

describe("the map", () => {
  it("reads every kind of import, and which are for types alone", () => {
    const text = `
      import { a } from "./a.js";
      import type { B } from "./b.js";
      import { type C, type D } from "./c.js";
      import { type E, f } from "./d.js";
      export * from "./e.js";
      export type { G } from "./f.js";
      import "./g.js";
      const h = () => import("./h.js");
      let i: import("./i.js").I;
      // import { no } from "./comment.js";
      const text = 'import { no } from "./text.js"';`;
    expect(importsOf("x.ts", text).map(({ name, types }) => `${name}${types ? " types" : ""}`)).toEqual([
      "./a.js",
      "./b.js types",
      "./c.js types",
      "./d.js",
      "./e.js",
      "./f.js types",
      "./g.js",
      "./h.js",
      "./i.js types",
    ]);
  });

  it("takes modules together, counts arrows once and finds circles", () => {
    const modules = ["a/1", "a/2", "b/1", "c/1", "d/1", "out/1"],
      pairs: [string, string, boolean][] = [
        ["a/1", "b/1", true],
        ["a/2", "b/1", false],
        ["a/1", "a/2", false],
        ["b/1", "c/1", true],
        ["c/1", "a/2", false],
        ["c/1", "d/1", false],
        ["d/1", "out/1", false],
      ];
    const { rooms, arrows, circles } = house({ modules, imports: pairs.map(([from, to, types]) => ({ from, to, types })) }, module =>
      module.startsWith("out") ? undefined : module[0],
    );
    expect([...rooms]).toEqual([
      ["a", 2],
      ["b", 1],
      ["c", 1],
      ["d", 1],
    ]);
    expect(arrows.map(({ from, to, types }) => `${from}${types ? "..>" : "->"}${to}`)).toEqual(["a->b", "b..>c", "c->a", "c->d"]);
    expect(circles).toEqual([["a", "b", "c"]]);
  });
});
