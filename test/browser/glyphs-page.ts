// What runs in the page: characters are drawn.
import { glyphDigests } from "../datasets/glyph-digests.js";

declare global {
  var glyphDigestsHere: () => Promise<string[]>;
}

globalThis.glyphDigestsHere = () => glyphDigests();
