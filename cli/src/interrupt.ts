import { exitCode } from "./failure.js";

/** What asks a run to end: Ctrl-C, a polite kill, a terminal that is closed. */
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Ctrl-C while a run is under way: the first asks it to stop within the step it is at, the second quits at once. */
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
    say("Stopping and saving the last outer step that is done; Ctrl-C again quits at once.");
  };
  for (const name of signals) process.on(name, heard);
  return {
    signal: controller.signal,
    dispose() {
      for (const name of signals) process.off(name, heard);
    },
  };
}
