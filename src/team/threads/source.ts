/**
 * The code of a thread as one text (`thread.ts` with all that it imports), so that it can be started anywhere: from a file of its own, from a bundle,
 * in a page. It is loaded when threads are. The build puts the text in here, and vitest's configuration does for tests; the sources themselves have
 * none. In the single file `same-file.ts` takes the place of this module.
 */
export const threadSource: string | undefined = undefined;
