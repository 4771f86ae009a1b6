/** What Node has and pages have not. */
const { setImmediate: immediately } = globalThis as { readonly setImmediate?: (f: () => void) => void };

/** Lets timers, signals and frames have their turn. In a page by a message, as timers there wait for milliseconds. */
export const nextTurn = (): Promise<void> =>
  new Promise(resolve => {
    if (immediately) return immediately(resolve);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
