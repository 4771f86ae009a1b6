import { typeNames, type TypeName } from "./columns.js";
import type { EncodedCategory, EncodedNumber, EncodedTarget, Encoding } from "./encoding.js";
import { quoted, refuserOf } from "./refuse.js";

type Fields = Readonly<Record<string, unknown>>;

const isFields = (x: unknown): x is Fields => typeof x === "object" && x !== null && !Array.isArray(x);
const isTexts = (x: unknown): x is readonly string[] =>
  Array.isArray(x) && x.every(text => typeof text === "string") && new Set(x).size === x.length;
const isAs = (x: unknown): x is TypeName => (typeNames as readonly unknown[]).includes(x);

function isNumber(x: Fields): boolean {
  return (
    ["number", "date", "boolean"].includes(String(x.type))
    && Number.isFinite(x.center)
    && Number.isFinite(x.scale)
    && Number(x.scale) >= 0
    && typeof x.robust === "boolean"
  );
}

const isCategory = (x: Fields): boolean =>
  ["category", "integer-category"].includes(String(x.type)) && isTexts(x.levels) && Number.isSafeInteger(x.others) && Number(x.others) >= 0;

const isColumn = (x: unknown): x is EncodedNumber | EncodedCategory =>
  isFields(x) && typeof x.name === "string" && isAs(x.as) && typeof x.missing === "boolean" && (isNumber(x) || isCategory(x));

function isTarget(x: unknown): x is EncodedTarget {
  if (!isFields(x) || typeof x.name !== "string") return false;
  return x.kind === "classes"
    ? isTexts(x.classes) && x.classes.length > 1
    : x.kind === "number" && Number.isFinite(x.mean) && Number(x.scale) > 0;
}

/**
 * An encoding from the JSON that a model carries.
 * @param file where it stands, for messages
 * @throws UsageError one sentence if it is none
 */
export function encodingFrom(json: unknown, file: string): Encoding {
  const refuse = refuserOf(file);
  if (!isFields(json) || json.format !== "ufom.features")
    return refuse('must hold features (format "ufom.features")', quoted(JSON.stringify(json) ?? "nothing"));
  const { version, columns, leftOut, target } = json;
  if (version !== 1) refuse("must hold features of version 1", JSON.stringify(version) ?? "none");
  if (!Array.isArray(columns)) return refuse("must hold a list of columns", quoted(JSON.stringify(columns) ?? "nothing"));
  const wrong: unknown = columns.find(column => !isColumn(column));
  if (wrong !== undefined) refuse("must say of every column its name, its type and what it becomes", quoted(JSON.stringify(wrong)));
  if (!isTexts(leftOut)) return refuse("must name the columns that are left out", quoted(JSON.stringify(leftOut) ?? "nothing"));
  if (target !== undefined && !isTarget(target)) return refuse("must say what is predicted", quoted(JSON.stringify(target)));
  return {
    format: "ufom.features",
    version: 1,
    columns: columns as Encoding["columns"],
    leftOut,
    ...(target === undefined ? {} : { target }),
  };
}
