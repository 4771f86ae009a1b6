// npx tsx --tsconfig tsconfig.check.json bench/tune-picture.ts FOLDER OUT.svg [TITLE]: what a run of `ufom tune` found, drawn from its folder: the lowest loss of
// each method against its work, and the penalties. Columns called noise0, noise1, …, as bench/tune.ts makes them, have a colour of their own.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { figureSvg } from "../cli/src/report/figure-svg.js";
import { curves, penalties, type Drawn } from "../cli/src/report/tune-charts.js";

const [, , folder, out, title] = process.argv;
if (!folder || !out) throw new Error("Usage: npx tsx --tsconfig tsconfig.check.json bench/tune-picture.ts FOLDER OUT.svg [TITLE]");
const { methods, groups, target } = JSON.parse(readFileSync(path.join(folder, "result.json"), "utf8")) as Pick<Drawn, "methods"> & {
    readonly groups: readonly string[];
    readonly target: { readonly name: string };
  },
  drawn: Drawn = { methods, groups: { names: groups } },
  noise = /^noise\d+$/,
  parts: Readonly<Record<string, (name: string) => boolean>> = groups.some(name => noise.test(name))
    ? { "columns of the table": (name: string) => !noise.test(name), "columns of noise": (name: string) => noise.test(name) }
    : {};
writeFileSync(
  out,
  await figureSvg({ title: title ?? `Tuning a model of ${target.name}`, panels: [...curves(drawn), ...penalties(drawn, parts)] }),
);
