// What happens when the garbage collector has been there.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

/** Collects until something holds, or nothing more is to be expected. */
export async function afterCollection(holds: () => boolean): Promise<boolean> {
  for (let i = 0; i < 100 && !holds(); i++) {
    gc();
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  return holds();
}
