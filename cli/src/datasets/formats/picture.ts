/** A picture in memory: channels × height × width bytes, row by row; 0 is black and 255 white. */
export interface Picture {
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array;
}

/** The most pixels of a picture that is read: what claims more is damaged, or no picture of a thing. */
export const mostPixels = 1e8;

/** A sample over white paper. */
const overWhite = (sample: number, alpha: number): number =>
  alpha === 255 ? sample : Math.round((sample * alpha + 255 * (255 - alpha)) / 255);

/**
 * A picture of the samples that decoders give, over white paper where it can be seen through. It has one channel if no pixel has a colour.
 * @param rgba height × width × 4 bytes
 */
export function fromRgba(rgba: Uint8Array, height: number, width: number): Picture {
  const pixels = height * width;
  const data = new Uint8Array(3 * pixels);
  let coloured = false;
  for (let i = 0, at = 0; i < pixels; i++, at += 4) {
    const alpha = rgba[at + 3];
    const red = overWhite(rgba[at], alpha);
    const green = overWhite(rgba[at + 1], alpha);
    const blue = overWhite(rgba[at + 2], alpha);
    data[i] = red;
    data[pixels + i] = green;
    data[2 * pixels + i] = blue;
    coloured ||= red !== green || green !== blue;
  }
  return coloured ? { channels: 3, height, width, data } : { channels: 1, height, width, data: data.slice(0, pixels) };
}

/** The same picture in three channels. */
export function inColour(picture: Picture): Picture {
  const { channels, data } = picture;
  if (channels === 3) return picture;
  const three = new Uint8Array(3 * data.length);
  for (let c = 0; c < 3; c++) three.set(data, c * data.length);
  return { ...picture, channels: 3, data: three };
}

/** The same samples with light and dark exchanged: for files that have ink as 255 on 0. */
export function turnedRound(data: Uint8Array): Uint8Array {
  const turned = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) turned[i] = 255 - data[i];
  return turned;
}
