import { UfomError } from "../../tensor/error.js";
import { builtin } from "./host.js";
import type { Koffi } from "./koffi.js";

/** The package koffi. @throws with the command that adds it */
export function loadKoffi(): Koffi {
  const { createRequire } = builtin("module");
  try {
    return createRequire(import.meta.url)("koffi") as Koffi;
  } catch (cause) {
    throw new UfomError(`ufom: native needs the package koffi, which calls the machine's libraries; add it with: npm install koffi.`, {
      cause,
    });
  }
}

/** The file that the package begins with, for who has no place from which it would be found: the code of a thread. */
export const koffiFile = (): string =>
  builtin("module")
    .createRequire(import.meta.url)
    .resolve("koffi");
