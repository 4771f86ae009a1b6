/** JSON as the command writes it: NaN and infinities, which JSON does not know, are null. */
export const toJson = (x: unknown): string => `${JSON.stringify(x, null, 2)}\n`;
