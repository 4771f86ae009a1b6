import { UsageError } from "./failure.js";
import { nearest } from "ufom/internal/tensor/nearest";

/** Parsers of option values: each gives the value or throws a UsageError that names the option. */
const refuse = (option: string, rule: string, text: string): never => {
  throw new UsageError(`ufom: ${option} must be ${rule}; received ${JSON.stringify(text)}.`);
};

const number = (text: string): number => (text.trim() === "" ? NaN : Number(text));

/** A whole number of at least `min`. */
export const whole =
  (option: string, min: number) =>
  (text: string): number => {
    const n = number(text);
    return Number.isSafeInteger(n) && n >= min ? n : refuse(option, `a whole number ≥ ${min}`, text);
  };

/** A finite number greater than zero. */
export const positive =
  (option: string) =>
  (text: string): number => {
    const x = number(text);
    return Number.isFinite(x) && x > 0 ? x : refuse(option, "a number > 0", text);
  };

/** Seconds, from a time with its unit: `90s`, `2m`, `1h`. */
export const duration =
  (option: string) =>
  (text: string): number => {
    const [, count, unit] = /^(\d+(?:\.\d+)?)(s|m|h)$/.exec(text) ?? refuse(option, "a time with its unit, as 90s, 2m or 1h", text),
      seconds = Number(count) * { s: 1, m: 60, h: 3600 }[unit as "s" | "m" | "h"];
    // A timer of the system counts milliseconds in 31 bits.
    return seconds > 0 && seconds < 2_000_000 ? seconds : refuse(option, "a time above zero, of 500h at most", text);
  };

/** A share from 0 to below 1. */
export const shareOf =
  (option: string) =>
  (text: string): number => {
    const x = number(text);
    return x >= 0 && x < 1 ? x : refuse(option, "a number from 0 to below 1", text);
  };

/** Bytes with their unit: `500MB`, `2GB`. */
export const bytes =
  (option: string) =>
  (text: string): number => {
    const [, count, unit] = /^(\d+(?:\.\d+)?)(B|kB|MB|GB)$/.exec(text) ?? refuse(option, "a number of bytes with its unit, as 500MB", text);
    const n = Math.round(Number(count) * 1000 ** ["B", "kB", "MB", "GB"].indexOf(unit));
    return n > 0 && Number.isSafeInteger(n) ? n : refuse(option, "a number of bytes with its unit, as 500MB", text);
  };

/** The name of a file or a folder, or of what is told. */
export const named =
  (option: string, what = "the name of a folder") =>
  (text: string): string =>
    text === "" ? refuse(option, what, text) : text;

/** A library of the machine: what is behind an option that may stand alone is easily a word that was not meant for it. */
export const library =
  (option: string) =>
  (text: string): string =>
    /\.(so|dylib|dll)($|\.)|\.framework\//.test(text)
      ? text
      : refuse(option, "the path of a library (….so, ….dylib, ….dll), or stand alone, as behind PROBLEM", text);

/** One of several words. */
export const oneOf =
  <const W extends string>(option: string, words: readonly W[]) =>
  (text: string): W => {
    const found = words.find(word => word === text);
    if (found !== undefined) return found;
    const near = nearest(text, words);
    return refuse(option, `${words.join(" or ")}${near === undefined ? "" : ` (did you mean ${near}?)`}`, text);
  };

/** Several words separated by commas that are not inside parentheses. When the option is given again, its words are added. */
export const list =
  (option: string) =>
  (text: string, before: readonly string[] = []): readonly string[] => {
    const words = text.split(/,(?![^(]*\))/).map(word => word.trim());
    if (words.some(word => word === "")) refuse(option, "names apart by commas", text);
    return [...before, ...words];
  };

/** Seeds: whole numbers and ranges `1..5`, separated by commas. */
export const seeds =
  (option: string) =>
  (text: string, before: readonly number[] = []): readonly number[] => {
    const found = text.split(",").flatMap(part => {
      const [, first, last] =
        /^\s*(\d+)(?:\.\.(\d+))?\s*$/.exec(part) ?? refuse(option, "whole numbers or ranges such as 1..5, apart by commas", text);
      const from = Number(first);
      const to = last === undefined ? from : Number(last);
      if (to < from || to - from >= 1000) refuse(option, "ranges that ascend, of at most 1,000 seeds", text);
      return Array.from({ length: to - from + 1 }, (_, i) => from + i);
    });
    return [...new Set([...before, ...found])];
  };

/** For an option that may be given several times: appends each value to a list. */
export const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];
