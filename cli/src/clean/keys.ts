import type { ReadStream } from "node:tty";
import { textWidth } from "../text-width.js";

const escape = "\x1b";

/** A key each: a character, or what a terminal sends for an arrow and the like. */
const keysOf = (text: string): string[] =>
  text.split(/(?=\p{Cc})/u).flatMap(part => {
    if (!part.startsWith(escape)) return Array.from(part);
    const sent = /^(?:\[[0-9;?]*[@-~]|O.)/u.exec(part.slice(1))?.[0] ?? "";
    return [escape + sent, ...Array.from(part.slice(1 + sent.length))];
  });

/** Ends a review wherever it is pressed: Ctrl-C and Ctrl-D. */
export const ends = (key: string | undefined): boolean => key === undefined || key === "\x03" || key === "\x04";

/** Keys as they are pressed on a terminal; where standard input is a pipe, its characters, without ends of lines. */
export class Keys {
  readonly #input: ReadStream;
  readonly #waiting: string[] = [];
  #wake: (() => void) | undefined;
  #ended = false;

  constructor(input: ReadStream = process.stdin) {
    this.#input = input;
    if (input.isTTY) input.setRawMode(true);
    input.setEncoding("utf8");
    input.on("data", this.#heard).on("end", this.#end);
    input.resume();
  }

  readonly #heard = (text: string | Buffer): void => {
    this.#waiting.push(...keysOf(String(text)));
    this.#wake?.();
  };

  readonly #end = (): void => {
    this.#ended = true;
    this.#wake?.();
  };

  /** The next key, nothing at the end of the input. */
  async next(): Promise<string | undefined> {
    while (this.#waiting.length === 0) {
      if (this.#ended) return undefined;
      await new Promise<void>(resolve => (this.#wake = resolve));
    }
    return this.#waiting.shift();
  }

  /** What is typed until Enter; nothing at the end of the input, or if it is given up with Escape, Enter alone, or a key that ends all (which stays to be read). */
  async line(echo: (text: string) => void): Promise<string | undefined> {
    const typed: string[] = [],
      { isTTY } = this.#input;
    const wipe = (): void => {
      const last = typed.pop();
      if (last !== undefined && isTTY) echo("\b \b".repeat(textWidth(last)));
    };
    for (;;) {
      const key = await this.next();
      if (ends(key)) {
        if (key !== undefined) this.#waiting.unshift(key);
        return undefined;
      }
      if (key === escape) return undefined;
      if (key === "\r" || key === "\n") {
        if (typed.length > 0) return typed.join("");
        // In a pipe the end of a line stands behind the key that asked for one.
        if (isTTY) return undefined;
      } else if (key === "\x7f" || key === "\b") wipe();
      else if (key === "\x15") while (typed.length > 0) wipe();
      else if (!/^\p{Cc}/u.test(key!)) {
        typed.push(key!);
        if (isTTY) echo(key!);
      }
    }
  }

  /** Gives the terminal back as it was. */
  close(): void {
    this.#input.off("data", this.#heard).off("end", this.#end);
    if (this.#input.isTTY) this.#input.setRawMode(false);
    this.#input.pause();
  }
}
