import path from "node:path";
import { UsageError } from "../failure.js";
import { showPath } from "../show-place.js";
import type { TextEncodingName } from "../tables/text-stream.js";
import { mustBeFree, mustEndIn, realFile } from "../written-file.js";
import { nearest } from "ufom/internal/tensor/nearest";

/** The options of `ufom clean`. */
export interface CleanOptions {
  readonly label?: string;
  readonly trusted?: string;
  readonly trustedColumn?: string;
  readonly features?: string;
  readonly trustedFeatures?: string;
  readonly types?: string;
  readonly ignore?: string;
  readonly labels?: string;
  readonly array?: string;
  readonly encoding?: TextEncodingName;
  readonly size?: number;
  readonly sample?: number;
  readonly method?: string;
  readonly seed?: number;
  /** Seconds. */
  readonly budget?: number;
  readonly out?: string;
  readonly report?: string;
  readonly answers?: string;
  readonly review?: true | string;
  readonly json?: boolean;
}

/** Where a review's answers are kept: the file that is named, or one called after the table, in the working directory. */
export function answersFile(file: string, { review, answers }: CleanOptions): string | undefined {
  if (typeof review === "string") return review;
  if (answers !== undefined || review === undefined) return answers;
  return `${path
    .basename(file)
    .replace(/(\.gz)?$/, "")
    .replace(/\.\w+$/, "")}.review.jsonl`;
}

/** Names of methods, by what they are for. */
async function namesOfMethods(): Promise<Readonly<Record<"classes" | "numbers", readonly string[]>>> {
  const [{ methodNames }, { valueMethodNames }] = await Promise.all([
    import("../cleaning/methods/index.js"),
    import("../cleaning/regression/methods/index.js"),
  ]);
  return { classes: methodNames, numbers: valueMethodNames };
}

/** @throws UsageError if a method is for the other kind of labels */
export async function checkMethod(method: string, kind: "classes" | "numbers"): Promise<void> {
  const names = (await namesOfMethods())[kind];
  if (!names.includes(method))
    throw new UsageError(`ufom: --method must be ${names.join(" or ")} where labels are ${kind}; received ${JSON.stringify(method)}.`);
}

/** @throws UsageError in one sentence if options do not go together, or name files that may not be written */
export async function checkOptions(file: string, options: CleanOptions): Promise<void> {
  const { out, report, review, json, answers, trusted, trustedColumn, features, trustedFeatures, labels, method } = options;
  if (trusted !== undefined && trustedColumn !== undefined)
    throw new UsageError("ufom: trusted rows stand in --trusted FILE or are marked in --trusted-column NAME; received both.");
  if (trustedFeatures !== undefined && (trusted === undefined || features === undefined))
    throw new UsageError("ufom: --trusted-features goes with --trusted FILE and --features FILE; received it without.");
  if (review !== undefined && json === true) throw new UsageError("ufom: --review asks people, and --json is for programs; received both.");
  if (answers !== undefined && typeof review === "string")
    throw new UsageError("ufom: answers stand in one file, that of --review FILE or that of --answers FILE; received both.");
  if (method !== undefined) {
    const { classes, numbers } = await namesOfMethods(),
      names = [...classes, ...numbers.filter(name => !classes.includes(name))];
    if (!names.includes(method)) {
      const near = nearest(method, names);
      throw new UsageError(
        `ufom: --method must be ${names.join(" or ")}${near === undefined ? "" : ` (did you mean ${near}?)`}; received ${JSON.stringify(method)}.`,
      );
    }
  }
  const kept = answersFile(file, options),
    read = [file, trusted, features, trustedFeatures, labels];
  if (kept !== undefined) {
    mustEndIn(review === undefined ? "--answers" : "--review", kept, ".jsonl");
    await mustBeFree(review === undefined ? "--answers" : "--review", kept, read);
    if (review === undefined && (await realFile(kept)) === undefined)
      throw new UsageError(`ufom: there must be a file ${showPath(kept)}, as --answers says; there is none.`);
  }
  if (out !== undefined) {
    mustEndIn("--out", out, ".csv");
    await mustBeFree("--out", out, [...read, kept]);
  }
  if (report !== undefined) {
    mustEndIn("--report", report, ".html");
    await mustBeFree("--report", report, [...read, kept]);
  }
}
