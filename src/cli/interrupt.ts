/** Ctrl-C while a run is under way: the first asks it to stop after the step it is at, the second quits at once. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** From then on Ctrl-C ends the process as usual. */
  dispose(): void;
}

/** @param say called at the first Ctrl-C */
export function onInterrupt(say: (text: string) => void): Interrupt {
  const controller = new AbortController();
  const first = () => {
    if (controller.signal.aborted) process.exit(1);
    controller.abort();
    say("Stopping after this outer step and saving it; Ctrl-C again quits at once.");
  };
  process.on("SIGINT", first);
  process.on("SIGTERM", first);
  return {
    signal: controller.signal,
    dispose() {
      process.off("SIGINT", first);
      process.off("SIGTERM", first);
    },
  };
}
