import { fail } from "./error.js";
import { closedOverBy } from "./ops/custom-gradient.js";
import { lostWithin } from "./ops/loops.js";
import { showType } from "./types.js";
import type { Value } from "./value.js";

/** @throws if a function with a derivative of its own uses what is differentiated beside its argument: a derivative would be lost */
export function checkClosedOver(y: Value, moving: { has(v: Value): boolean }, refuse: typeof fail = fail): void {
  const lost = [...closedOverBy(y), ...lostWithin(y)].find(v => moving.has(v));
  if (lost)
    refuse(
      "customGradient",
      "takes what is differentiated as its argument (or with stopGradient, for no derivative), and its function uses it from outside",
      describeOrigin(lost),
    );
}

/** `theta.w`, `float32[3] of multiply, made of theta.w`: a value by the input that it is or is made of. */
function describeOrigin(value: Value): string {
  const seen = new Set<Value>();
  let level = [value];
  while (level.length) {
    const named = level.find(v => v.op === "input" && "name" in v.params && v.params.name);
    if (named && "name" in named.params) {
      const plain = [...seen].every(v => v.op === "identity");
      return plain ? `${named.params.name}: ${showType(value)}` : `${showType(value)} of ${value.op}, made of ${named.params.name}`;
    }
    for (const v of level) seen.add(v);
    level = [...new Set(level.flatMap(v => v.inputs))].filter(v => !seen.has(v));
  }
  return `${showType(value)} of ${value.op}`;
}
