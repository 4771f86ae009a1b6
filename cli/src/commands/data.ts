import path from "node:path";
import { nearest } from "ufom/internal/tensor/nearest";
import { UsageError, exitCode, type ExitCode } from "../failure.js";
import type { DataCheck, DataSet } from "../datasets/check.js";
import type { NamedSet } from "../datasets/load-options.js";
import type { Takeable } from "../datasets/fetch/take.js";
import { onInterrupt } from "../interrupt.js";
import { bytes, whole } from "../report/format.js";
import { showPath } from "../show-place.js";
import type { Terminal } from "../terminal.js";

export interface DataOptions {
  /** A file or a folder that the data set is taken from, in place of its address. */
  readonly from?: string;
}

/** `ufom data NAME`: fetches or takes a data set, reads and checks all of it, and shows what there is. Without a name: which there are. */
export async function data(name: string | undefined, options: DataOptions, terminal: Terminal): Promise<ExitCode> {
  const [{ dataSets }, { registry }] = await Promise.all([import("../datasets/check.js"), import("../datasets/registry.js")]);
  if (name === undefined) {
    if (options.from !== undefined)
      throw new UsageError("ufom: --from needs the NAME of a data set before it: ufom data omniglot --from FILE.");
    return list(dataSets, registry, terminal);
  }
  if (!Object.hasOwn(registry, name)) {
    const names = Object.keys(registry);
    const near = nearest(name, names);
    throw new UsageError(
      `ufom: there is no data set named ${JSON.stringify(name)}${near === undefined ? "" : ` (did you mean ${near}?)`}; there is ${names.join(", ")}.`,
    );
  }
  const { summary } = registry[name];
  if (!Object.hasOwn(dataSets, name)) {
    if (options.from !== undefined)
      throw new UsageError(`ufom: ${name} is made here and takes no --from; received ${JSON.stringify(options.from)}.`);
    terminal.json({ name, summary, files: [] });
    terminal.text(`${name}: ${summary}; there is nothing to fetch.`);
    return exitCode.done;
  }
  if (options.from !== undefined) {
    const other = await inItsPlace(options.from, name, dataSets);
    if (other !== undefined) {
      terminal.note(`${showPath(options.from)} has ${other}, ${registry[other].summary}: that is taken.`);
      return data(other, options, terminal);
    }
  }
  const set = dataSets[name];
  if (options.from !== undefined) await takeFrom(options.from, name, set, terminal);
  else if ((await set.where()) === undefined) await fetchIt(set);
  const missing = options.from === undefined || (await set.where()) !== undefined ? [] : await missingOf(set);
  if (missing.length > 0) {
    terminal.json({ name, folder: path.join((await folders()).dataFolder(), set.folder), missing });
    terminal.text(`Still missing: ${missing.join(", ")}; ufom data ${name} fetches the rest.`);
    return exitCode.done;
  }
  show(await set.check(undefined, terminal.note), summary, set, terminal);
  return exitCode.done;
}

const folders = () => import("../datasets/places.js");

/** Fetches what is missing; Ctrl-C ends it, and what has come is kept. */
async function fetchIt(set: DataSet): Promise<void> {
  const { fetchMissing } = await import("../datasets/fetch/ensure.js");
  const interrupt = onInterrupt(
    () => {},
    () => {},
  );
  try {
    await fetchMissing(set.folder, set.files, interrupt.signal);
  } finally {
    // Once pressed it is listened to until the end: npm passes on what the terminal has sent already.
    if (!interrupt.signal.aborted) interrupt.dispose();
  }
}

/** Files of a set that may be taken with --from. */
const takeableOf = (set: DataSet): readonly Takeable[] => [
  ...set.files.flatMap(file => (file.unpacked === undefined ? [file] : [file, file.unpacked])).map(known => ({ name: known.name, known })),
  ...(set.unpublished ?? []).map(own => ({ name: own })),
];

/** A smaller set that is used where this one is not there (`omniglot-964` for `omniglot`), if `from` has that and not this. */
async function inItsPlace(from: string, name: string, dataSets: Readonly<Record<string, DataSet>>): Promise<string | undefined> {
  const { hasSome } = await import("../datasets/fetch/take.js");
  const has = async (one: string) => hasSome(from, dataSets[one].folder, takeableOf(dataSets[one]));
  const others = Object.keys(dataSets).filter(one => one !== name && dataSets[one].folder === name);
  if (others.length === 0 || (await has(name))) return undefined;
  for (const one of others) if (await has(one)) return one;
  return undefined;
}

async function takeFrom(from: string, name: string, set: DataSet, terminal: Terminal): Promise<void> {
  const { dataFolder } = await folders();
  if (name === "mini-imagenet") {
    const { noteMini } = await import("../datasets/mini-imagenet.js");
    await noteMini(from, terminal.note);
    return;
  }
  const { take } = await import("../datasets/fetch/take.js");
  const taken = await take(from, set.folder, takeableOf(set), path.join(dataFolder(), set.folder));
  terminal.note(`Copied to ${showPath(path.join(dataFolder(), set.folder))}: ${taken.join(", ")}.`);
}

async function missingOf(set: DataSet): Promise<string[]> {
  const [{ present }, { findFile }] = await Promise.all([import("../datasets/fetch/ensure.js"), import("../datasets/find-files.js")]);
  const missing: string[] = [];
  for (const file of set.files) if ((await present(set.folder, file)) === undefined) missing.push(file.name);
  for (const own of set.unpublished ?? []) if ((await findFile(set.folder, own)) === undefined) missing.push(own);
  return missing;
}

/** `19–20` of counts. */
const range = (counts: readonly number[]): string => {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? whole(least) : `${whole(least)}–${whole(most)}`;
};

/** Classes have a column each where they are few. */
const fewClasses = 10;

function show(check: DataCheck, summary: string, set: DataSet, terminal: Terminal): void {
  terminal.json({ ...check, licence: set.licence });
  terminal.text(`${check.name}: ${summary}`);
  terminal.line(check.folder);
  terminal.text(`licence: ${set.licence}`);
  const parts = Object.entries(check.parts);
  if (parts.every(([, { classes }]) => classes.length <= fewClasses)) {
    terminal.table({
      columns: ["", "images", ...parts[0][1].classes.map((_, i) => String(i))],
      rows: parts.map(([part, { n, classes }]) => [part, whole(n), ...classes.map(whole)]),
    });
  } else {
    terminal.table({
      columns: ["", "classes", "images", "images a class"],
      rows: parts.map(([part, { n, classes }]) => [part, whole(classes.length), whole(n), range(classes)]),
    });
  }
  if (check.files.length === 0) return;
  terminal.table({
    columns: ["file", "size", "SHA-256"],
    rows: check.files.map(({ file, bytes: size, sha256 }) => [file, bytes(size), sha256]),
  });
}

async function list(
  dataSets: Readonly<Record<string, DataSet>>,
  registry: Readonly<Record<string, NamedSet>>,
  terminal: Terminal,
): Promise<ExitCode> {
  const [{ dataFolder }, { hasPackage }] = await Promise.all([folders(), import("../datasets/package-files.js")]);
  const sets = await Promise.all(
    Object.entries(registry).map(async ([name, { summary, package: needs }]) => {
      if (!Object.hasOwn(dataSets, name))
        return { name, summary, made: true, here: needs === undefined || hasPackage(needs), needs, files: [] };
      const { files, licence, where } = dataSets[name];
      const place = await where();
      const size = files.length === 0 ? {} : { bytes: files.reduce((sum, file) => sum + file.bytes, 0) };
      const published = files.map(({ name: file, url, bytes: n, sha256 }) => ({ file, url, bytes: n, sha256 }));
      return {
        name,
        summary,
        licence,
        made: false,
        here: place !== undefined,
        ...(place === undefined ? {} : { place }),
        ...size,
        files: published,
      };
    }),
  );
  terminal.json({ folder: dataFolder(), sets });
  terminal.line(`Data sets, in ${showPath(dataFolder())} (UFOM_DATA names another folder):`);
  terminal.table({
    columns: ["name", "here", "to fetch", "what it is"],
    rows: sets.map(set => [
      set.name,
      !set.here ? "no" : set.made ? "made" : "yes",
      set.here ? "" : set.made ? "npm install" : "bytes" in set && set.bytes !== undefined ? bytes(set.bytes) : "--from",
      set.summary,
    ]),
  });
  terminal.text("ufom data NAME fetches one and checks all of it; --from FILE|FOLDER takes what is there already.");
  return exitCode.done;
}
