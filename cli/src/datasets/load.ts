import { nearest } from "ufom/internal/tensor/nearest";
import { UsageError } from "../failure.js";
import type { ImageClasses } from "./image-classes.js";
import type { LoadOptions } from "./load-options.js";
import { registry } from "./registry.js";

/** Whether a text is the path of a folder and no name. */
const isPath = (text: string): boolean => /[/\\]/.test(text) || text === "." || text === "..";

const mostSide = 4096;

/**
 * Images in classes: a data set by its name, or a folder of class folders by its path.
 * @param text `omniglot`, `./my-folder`
 * @param options height and width, if not the set's usual ones, and who is told what takes a while
 * @throws UsageError one sentence if there is no such set, or it is not on this machine, or not what it should be
 */
export async function loadImageClasses(text: string, options: LoadOptions = {}): Promise<ImageClasses> {
  const { size } = options;
  if (size !== undefined && !(Number.isInteger(size) && size >= 1 && size <= mostSide)) {
    throw new UsageError(`ufom: the size of images must be a whole number from 1 to ${mostSide}; received ${size}.`);
  }
  if (Object.hasOwn(registry, text)) return registry[text].load(options);
  if (isPath(text)) return (await import("./class-folders.js")).loadClassFolders(text, options);
  const near = nearest(text, Object.keys(registry));
  throw new UsageError(
    `ufom: data must be a data set (${Object.keys(registry).join(", ")}) or the path of a folder of class folders (./my-images); `
      + `received ${JSON.stringify(text)}${near === undefined ? "" : ` (did you mean ${near}?)`}.`,
  );
}
