/** What Node has and pages have not. */
const { setImmediate: immediately } = globalThis as { readonly setImmediate?: (f: () => void) => void };

/** Whether frames are drawn between turns of the event loop here: then they come more often. */
export const inPage = immediately === undefined;

/** Calls something in the next turn. In a page by a message, as timers there wait for milliseconds; by a timer where there are no messages. */
function later(f: () => void): void {
  if (immediately) return immediately(f);
  if (typeof MessageChannel === "undefined") return void setTimeout(f);
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    f();
  };
  port2.postMessage(undefined);
}

/** Who waits for a turn, first come, first served. */
const waiting: (() => void)[] = [];

function serve(): void {
  waiting.shift()?.();
  if (waiting.length) later(serve);
}

/**
 * Lets timers, signals and frames have their turn. Each turn goes on with one of those who wait, so that between the turns of many who compute at
 * once no more than one of them computes.
 */
export const nextTurn = (): Promise<void> =>
  new Promise(resolve => {
    waiting.push(resolve);
    if (waiting.length === 1) later(serve);
  });
