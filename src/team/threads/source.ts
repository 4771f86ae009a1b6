/**
 * The code of a thread as one text (`worker.ts` with all that it imports), so that it can be started anywhere: from a file of its own, from a bundle,
 * in a page. The build puts it in here, and vitest's configuration does for tests; the sources themselves have none.
 */
export const workerSource: string | undefined = undefined;
