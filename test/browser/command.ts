// npm run digest: runs the suite here, and writes its digests into digest.json.
//   --draw      draws new random programs first
//   --page      writes .cache/same-bits.html instead, which any browser opens
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { pageHtml } from "./bundle.js";
import { readDigest, writeDigest } from "./committed.js";
import { readPrograms, writePrograms } from "./random-programs.js";
import { runSuite } from "./suite/index.js";

const { values } = parseArgs({ options: { draw: { type: "boolean" }, page: { type: "boolean" } } });
if (values.draw) writePrograms();
if (values.page) {
  const file = fileURLToPath(new URL("../../.cache/same-bits.html", import.meta.url));
  mkdirSync(fileURLToPath(new URL("../../.cache", import.meta.url)), { recursive: true });
  writeFileSync(file, await pageHtml(readPrograms(), readDigest()));
  console.log(`Open ${file} in a browser: it runs the suite and says what differs.`);
} else {
  const digests = await runSuite(readPrograms());
  writeDigest(digests);
  console.log(`${Object.keys(digests).length} digests written to test/browser/digest.json.`);
}
