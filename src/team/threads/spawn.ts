import type { Answer, Order } from "./messages.js";
import type { NodeThreads } from "./port.js";
import { nodeModule } from "./port.js";

/** A thread that was started. */
export interface Thread {
  post(order: Order, transfer?: readonly ArrayBuffer[]): void;
  /** Ends it, whatever it does; while it sets itself up, when that is done. */
  kill(): void;
}

/** What is heard of a thread. */
export interface Hearing {
  answer(answer: Answer): void;
  /** It ended, and was not killed. @param why the rest of a sentence that begins with it */
  ended(why: string): void;
}

/** Starts a thread that runs a source. @throws what the platform throws where threads are refused */
export function startThread(source: string, hear: Hearing): Thread {
  const node = nodeModule<NodeThreads>("worker_threads");
  return node ? startInNode(node, source, hear) : startInPage(source, hear);
}

function startInNode({ Worker }: NodeThreads, source: string, hear: Hearing): Thread {
  // Options of this process (loaders, inspectors) are not meant for it.
  const worker = new Worker(source, { eval: true, name: "ufom", execArgv: [] });
  let over = false,
    settingUp = 0,
    why: string | undefined;
  worker.on("message", answer => {
    if (answer.kind === "ready" && --settingUp === 0) {
      worker.unref();
      if (over) void worker.terminate();
    }
    if (!over) hear.answer(answer);
  });
  worker.on("error", error => {
    why = `threw “${error.message}”`;
  });
  worker.on("exit", code => {
    if (over) return;
    over = true;
    hear.ended(why ?? `ended with code ${code}`);
  });
  // Whoever waits for it keeps the process alive. Listening for messages does too, so this comes after it.
  worker.unref();
  return {
    post(order, transfer) {
      // A thread that is ended while it loads a library takes the whole process with it (what the library's loader throws then cannot be thrown): until it
      // is ready it is not ended, and keeps the process alive.
      if (order.kind === "setup" && settingUp++ === 0) worker.ref();
      worker.postMessage(order, transfer);
    },
    kill() {
      over = true;
      if (settingUp === 0) void worker.terminate();
    },
  };
}

function startInPage(source: string, hear: Hearing): Thread {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" })),
    // Of the single file's code a module is made, which loads that file; the other runs as one, too.
    worker = new Worker(url, { name: "ufom", type: "module" });
  let over = false;
  const end = (why: string) => {
    if (over) return;
    over = true;
    worker.terminate();
    URL.revokeObjectURL(url);
    hear.ended(why);
  };
  worker.onmessage = ({ data }: MessageEvent<Answer>) => {
    if (!over) hear.answer(data);
  };
  worker.onerror = event => {
    event.preventDefault();
    end(
      event.message
        ? `threw “${event.message}”`
        : "could not be started; under a content security policy, worker-src must contain blob: and, where the page has ufom.min.js, the address of that (docs/threads.md)",
    );
  };
  worker.onmessageerror = () => end("sent what cannot be read");
  return {
    post: (order, transfer) => worker.postMessage(order, [...(transfer ?? [])]),
    kill() {
      over = true;
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}
