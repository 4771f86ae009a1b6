import { UsageError } from "./failure.js";

const units: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600 };

/** A time with its unit, `90s`, `2m`, `1.5h`, as seconds. */
export const span =
  (option: string) =>
  (text: string): number => {
    const [, count, unit] = /^(\d+(?:\.\d+)?)(s|m|min|h)$/.exec(text.trim()) ?? [];
    const seconds = Number(count) * units[unit];
    if (seconds > 0) return seconds;
    throw new UsageError(`ufom: ${option} must be a time with its unit, as 90s, 2m or 1h; received ${JSON.stringify(text)}.`);
  };

/** A share from 0 to below 1. */
export const shareOf =
  (option: string) =>
  (text: string): number => {
    const x = text.trim() === "" ? NaN : Number(text);
    if (x >= 0 && x < 1) return x;
    throw new UsageError(`ufom: ${option} must be a number from 0 to below 1; received ${JSON.stringify(text)}.`);
  };
