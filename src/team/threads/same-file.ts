// In the single file this takes the place of source.ts: its threads load the same file once more, by its address, so that it holds nothing twice.
import { nodeModule } from "./port.js";

const address = JSON.stringify(import.meta.url);

/**
 * The code of a thread. A page's asks for the function by name before anything of the file runs: where the file has become a part of another one,
 * whose address this then is, nothing of that is run a second time.
 */
export const threadSource = nodeModule("worker_threads")
  ? `import(${address}).then(file => file.runThread());`
  : `import { runThread } from ${address}; runThread();`;
