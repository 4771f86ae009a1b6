/** Keys as they are pressed on a terminal; where standard input is a pipe, its characters, without ends of lines. */
export class Keys {
  readonly #input = process.stdin;
  readonly #waiting: string[] = [];
  #wake: (() => void) | undefined;
  #ended = false;

  constructor() {
    const { isTTY } = this.#input;
    if (isTTY) this.#input.setRawMode(true);
    this.#input.setEncoding("utf8");
    this.#input.on("data", this.#heard).on("end", this.#end);
    this.#input.resume();
  }

  readonly #heard = (text: string | Buffer): void => {
    for (const key of String(text)) this.#waiting.push(key);
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

  /** What is typed until the end of a line that is not empty; nothing at the end of the input, or if it is given up with Escape or Ctrl-C. */
  async line(echo: (text: string) => void): Promise<string | undefined> {
    let text = "";
    for (;;) {
      const key = await this.next();
      if (key === undefined || key === "\x1b" || key === "\x03") return undefined;
      // Enter behind the key that asked for a line is not yet the line.
      if ((key === "\r" || key === "\n") && text !== "") return text;
      if (key === "\x7f" || key === "\b") {
        if (text !== "") echo("\b \b");
        text = text.slice(0, -1);
      } else if (key !== "\r" && key !== "\n") {
        text += key;
        echo(key);
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
