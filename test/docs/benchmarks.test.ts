import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "../../scripts/shell.mjs";

it("docs/benchmarks.md names every file in bench/, and no other", () => {
  const page = readFileSync(join(root, "docs/benchmarks.md"), "utf8"),
    files = readdirSync(join(root, "bench"), { recursive: true, encoding: "utf8" }).filter(name => /\.(ts|py)$/.test(name));
  expect(files.length).toBeGreaterThan(10);
  expect(files.filter(name => !page.includes(`\`bench/${name}\``) && !page.includes(`\`${name.replace(/^peers\//, "")}\``))).toEqual([]);
  const named = [...page.matchAll(/`(?:npx tsx )?bench\/([\w-]+\.ts)`/g)].map(([, name]) => name);
  expect(named.filter(name => !files.includes(name))).toEqual([]);
});
