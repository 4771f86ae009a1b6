import { UfomError } from "../../tensor/error.js";
import { builtin } from "./host.js";

/** A foreign function. */
export type Foreign = (...given: readonly unknown[]) => unknown;

/** What is used of koffi. */
export interface Koffi {
  load(file: string | null): KoffiLibrary;
  address(array: Uint8Array): bigint;
}
export interface KoffiLibrary {
  func(declaration: string): Foreign;
  unload(): void;
}

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

/** A function of a library, if it has one of that name. */
export const declared = (library: KoffiLibrary, declaration: string): Foreign | undefined => {
  try {
    return library.func(declaration);
  } catch {
    // The library has no such function: whoever asks looks at that.
    return undefined;
  }
};

/** A library that was opened, if there is one of that name. */
export function opened(koffi: Koffi, file: string): KoffiLibrary | Error {
  try {
    return koffi.load(file);
  } catch (error) {
    return error as Error;
  }
}
