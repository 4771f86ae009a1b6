import { fail } from "../../tensor/error.js";

/** Patterns of paths in θ: `net.*`, in which `*` stands for any number of parts. @throws if `*` is a part of a name */
export function checkPattern(who: string, pattern: unknown): void {
  if (typeof pattern !== "string") fail(who, "wants patterns of paths in θ, as texts", String(pattern));
  if (pattern.split(".").some(part => part !== "*" && part.includes("*")))
    fail(who, "wants * for whole parts of a path", JSON.stringify(pattern));
}

/** Whether a path matches a pattern. */
export function matches(pattern: string, path: string): boolean {
  const from = (wanted: readonly string[], parts: readonly string[]): boolean => {
    if (wanted.length === 0) return parts.length === 0;
    const [first, ...rest] = wanted;
    if (first === "*") return from(rest, parts) || (parts.length > 0 && from(wanted, parts.slice(1)));
    return parts.length > 0 && parts[0] === first && from(rest, parts.slice(1));
  };
  return from(pattern.split("."), path === "" ? [] : path.split("."));
}
