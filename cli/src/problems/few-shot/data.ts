import { findFile } from "../../datasets/find-files.js";
import { loadImageClasses } from "../../datasets/load.js";
import { find964 } from "../../datasets/omniglot-964.js";
import { splitClasses, type Split } from "../../datasets/splits.js";
import { whatIsThere } from "./options.js";

const archives = ["images_background.zip", "images_evaluation.zip", "images_background_small1.zip", "images_background_small2.zip"];

async function omniglotIsThere(): Promise<boolean> {
  for (const name of archives) if ((await findFile("omniglot", name)) !== undefined) return true;
  return (await find964()) !== undefined;
}

/**
 * The classes of `data`, divided.
 * @throws an error in one sentence if the data are not there, not what they should be, or cannot be divided that way
 */
export async function openSplit(
  { data, split }: { readonly data: string; readonly split: string },
  seed: number,
  progress: (text: string) => void,
): Promise<Split> {
  const there = data !== whatIsThere || (await omniglotIsThere()),
    name = data !== whatIsThere ? data : there ? "omniglot" : "glyphs";
  if (!there)
    progress(
      "Data: glyphs, characters drawn here, as omniglot is not on this machine (ufom data omniglot gets it; --set data=NAME takes another).",
    );
  return splitClasses(await loadImageClasses(name, { progress }), split, seed);
}
