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
