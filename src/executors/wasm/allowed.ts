import { DeclinedError } from "../executor.js";

/** A module without a function: its magic number and version. */
const empty = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);

let allowed = false;

/**
 * Asks once in a process whether WebAssembly may be compiled here: a page's content security policy may forbid it.
 * @throws DeclinedError if not
 */
export function expectWebAssembly(): void {
  if (allowed) return;
  try {
    new WebAssembly.Module(empty);
    allowed = true;
  } catch (cause) {
    throw new DeclinedError(
      "ufom: the wasm executor needs WebAssembly, which is refused here; in a page, its content security policy must have "
        + `'wasm-unsafe-eval' in script-src (received ${cause instanceof Error ? cause.message.replace(/\.$/, "") : String(cause)}).`,
      { cause },
    );
  }
}
