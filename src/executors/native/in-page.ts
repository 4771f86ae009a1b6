// What this folder is in a page: bundlers for pages take it in place of index.ts and in-thread.ts (package.json, "browser"), as calling a library is
// Node's.
import { fail } from "../../tensor/error.js";
import type * as index from "./index.js";
import type * as inThread from "./in-thread.js";

export { besideOthers, nativeChoice } from "./options.js";

const noLibrary = (): never =>
  fail("native", "needs Node 20.19 or newer, since a page has no libraries", "code that was bundled for pages");

export const libraryProducts: typeof index.libraryProducts = noLibrary;
export const describeNative: typeof index.describeNative = noLibrary;
export const productsInThread: typeof inThread.productsInThread = noLibrary;
