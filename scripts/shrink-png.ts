import { crc32, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
const MAX_COLORS = 256;

type Image = { width: number; height: number; channels: number; pixels: Buffer };

/**
 * The same picture with at most 256 colours: a screen has few, and the rest are the edges of letters, for which the
 * nearest one will do. Takes what browsers write: 8 bits a channel, not interlaced.
 */
export function shrinkPng(png: Buffer): Buffer {
  const image = readPng(png);
  const { palette, indexOf } = choosePalette(image);
  const { width, height, channels, pixels } = image;
  // Each row begins with its filter; palette pictures do best without one.
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      rows[y * (width + 1) + 1 + x] = indexOf(readColor(pixels, (y * width + x) * channels));
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const colors = Buffer.from(palette.flatMap((color) => [color >> 16, (color >> 8) & 255, color & 255]));
  return Buffer.concat([
    SIGNATURE,
    writeChunk("IHDR", header),
    writeChunk("PLTE", colors),
    writeChunk("IDAT", deflateSync(rows, { level: 9 })),
    writeChunk("IEND", Buffer.alloc(0)),
  ]);
}

function readColor(pixels: Buffer, at: number): number {
  return ((pixels[at] ?? 0) << 16) | ((pixels[at + 1] ?? 0) << 8) | (pixels[at + 2] ?? 0);
}

/**
 * The most frequent colours that are far enough apart; every other one is drawn as the nearest of them. The distance
 * grows until they are few enough, so that a rare colour with a meaning of its own is never given up for a shade.
 */
function choosePalette({ pixels, channels }: Image) {
  const counts = new Map<number, number>();
  for (let at = 0; at < pixels.length; at += channels) {
    const color = readColor(pixels, at);
    counts.set(color, (counts.get(color) ?? 0) + 1);
  }
  const byCount = [...counts].sort(([a, countA], [b, countB]) => countB - countA || a - b);
  let palette = byCount.map(([color]) => color);
  for (let apart = 4; palette.length > MAX_COLORS; apart *= 1.5) palette = thinOut(palette, apart);
  const indices = new Map([...counts.keys()].map((color) => [color, findNearest(palette, color).index]));
  return { palette, indexOf: (color: number) => indices.get(color) ?? 0 };
}

function thinOut(colors: readonly number[], apart: number): number[] {
  const kept: number[] = [];
  for (const color of colors) {
    if (kept.length === 0 || findNearest(kept, color).distance >= apart) kept.push(color);
  }
  return kept;
}

function findNearest(palette: readonly number[], color: number): { index: number; distance: number } {
  let best = { index: 0, distance: Number.POSITIVE_INFINITY };
  for (const [index, known] of palette.entries()) {
    const red = (known >> 16) - (color >> 16);
    const green = ((known >> 8) & 255) - ((color >> 8) & 255);
    const blue = (known & 255) - (color & 255);
    const distance = red * red + green * green + blue * blue;
    if (distance < best.distance) best = { index, distance };
  }
  return best;
}

function writeChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

function readPng(png: Buffer): Image {
  const chunks: Buffer[] = [];
  let header = Buffer.alloc(0);
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString("latin1", at + 4, at + 8);
    const data = png.subarray(at + 8, at + 8 + length);
    if (type === "IHDR") header = Buffer.from(data);
    if (type === "IDAT") chunks.push(data);
    at += length + 12;
  }
  const [depth, kind] = [header[8], header[9]];
  if (depth !== 8 || (kind !== 2 && kind !== 6) || header[12] !== 0)
    throw new Error("not a picture of a browser");
  const [width, height, channels] = [header.readUInt32BE(0), header.readUInt32BE(4), kind === 6 ? 4 : 3];
  return {
    width,
    height,
    channels,
    pixels: unfilter(inflateSync(Buffer.concat(chunks)), width * channels, channels),
  };
}

/** Undoes the filter of each row: a byte was written as its difference from the ones left of it and above it. */
function unfilter(data: Buffer, stride: number, channels: number): Buffer {
  const rows = data.length / (stride + 1);
  const pixels = Buffer.alloc(rows * stride);
  for (let y = 0; y < rows; y += 1) {
    const filter = data[y * (stride + 1)];
    for (let x = 0; x < stride; x += 1) {
      const at = y * stride + x;
      const left = x >= channels ? (pixels[at - channels] ?? 0) : 0;
      const up = y > 0 ? (pixels[at - stride] ?? 0) : 0;
      const corner = x >= channels && y > 0 ? (pixels[at - stride - channels] ?? 0) : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter ?? 0] ?? 0;
      pixels[at] = ((data[y * (stride + 1) + 1 + x] ?? 0) + guess) & 255;
    }
  }
  return pixels;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [toLeft, toUp, toCorner] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
