import { exitCode } from "./failure.js";

/** Ctrl-C while a run is under way: the first asks it to stop after the step it is at, the second quits at once. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** Stops listening: Ctrl-C ends the process again. */
  dispose(): void;
}

/** Two signals within this many milliseconds count as one key press: the terminal sends Ctrl-C to npm and to this process, and npm forwards it. */
const samePress = 300;

/**
 * @param say called at the first Ctrl-C
 * @param quit called at the second, before the process ends: to leave the terminal as it was
 */
export function onInterrupt(say: (text: string) => void, quit: () => void): Interrupt {
  const controller = new AbortController();
  let pressed = 0;
  const heard = () => {
    if (controller.signal.aborted) {
      if (performance.now() - pressed < samePress) return;
      quit();
      process.exit(exitCode.failed);
    }
    pressed = performance.now();
    controller.abort();
    say("Stopping after this outer step and saving it; Ctrl-C again quits at once.");
  };
  process.on("SIGINT", heard);
  process.on("SIGTERM", heard);
  return {
    signal: controller.signal,
    dispose() {
      process.off("SIGINT", heard);
      process.off("SIGTERM", heard);
    },
  };
}
