import { shorten, terminalWidth } from "./terminal-width.js";

/** Milliseconds between two texts on a terminal, and between two lines of a log. */
const often = { terminal: 100, log: 10_000 } as const;

/** What is being done, in one line that is written over on a terminal; elsewhere a line now and then. */
export class OneLine {
  #written = performance.now();
  #shown = false;

  constructor(readonly stream: NodeJS.WriteStream = process.stderr) {}

  say(text: string): void {
    const { stream } = this,
      now = performance.now();
    if (now - this.#written < (stream.isTTY ? often.terminal : often.log)) return;
    this.#written = now;
    if (stream.isTTY) stream.write(`\r\x1b[K${shorten(text, terminalWidth(stream) - 1)}`);
    else stream.write(`${text}\n`);
    this.#shown = true;
  }

  /** Takes the line away. */
  done(): void {
    if (this.#shown && this.stream.isTTY) this.stream.write("\r\x1b[K");
    this.#shown = false;
  }
}
