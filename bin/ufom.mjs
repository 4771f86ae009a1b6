#!/usr/bin/env node
// The command is a package of its own, so that the library stays small. Where both are installed this starts it.
import { readFileSync } from "node:fs";

/** @returns {URL | undefined} the command's package.json, if it is installed */
function installed() {
  try {
    return new URL(import.meta.resolve("ufom-cli/package.json"));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ERR_MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

const description = installed();
if (description) {
  await import(new URL(JSON.parse(readFileSync(description, "utf8")).bin.ufom, description).href);
} else {
  process.stderr.write("ufom: this package is the library; the command is in the package ufom-cli: npm install ufom-cli\n");
  process.exitCode = 2;
}
