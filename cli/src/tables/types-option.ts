import { UsageError } from "../failure.js";
import { nearest } from "ufom/internal/tensor/nearest";
import { typeNames, type TypeName } from "./columns.js";

const isTypeName = (text: string): text is TypeName => (typeNames as readonly string[]).includes(text);

/**
 * Types of columns from `--types a=category,b=number`; `\,` is a comma in a name, and the last `=` is the one that counts.
 * @throws UsageError naming the part that says no type
 */
export function parseTypes(text: string): Record<string, TypeName> {
  const types: [string, TypeName][] = [];
  for (const part of text.split(/(?<!\\),/).map(piece => piece.replaceAll("\\,", ","))) {
    const at = part.lastIndexOf("=");
    if (at < 1) throw new UsageError(`ufom: --types takes column=type, apart by commas; received ${JSON.stringify(part)}.`);
    const [name, type] = [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    if (!isTypeName(type)) {
      const near = nearest(type, typeNames);
      const hint = near === undefined ? "" : ` (did you mean ${near}?)`;
      throw new UsageError(
        `ufom: --types takes ${typeNames.join(", ")}${hint}; received ${JSON.stringify(type)} for ${JSON.stringify(name)}.`,
      );
    }
    if (types.some(([before]) => before === name))
      throw new UsageError(`ufom: --types takes one type a column; received two for ${JSON.stringify(name)}.`);
    types.push([name, type]);
  }
  return Object.fromEntries(types);
}
