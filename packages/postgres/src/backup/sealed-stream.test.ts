// Frames of a sealed stream: what was cut, reordered, extended or taken from another stream does not open.
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import {
  FRAME_BYTES,
  SEALED_FRAME_BYTES,
  SealedStreamDamage,
  StreamOpener,
  StreamSealer,
  streamKey,
} from "./sealed-stream.ts";

const dataKey = randomBytes(32);
const plain = randomBytes(2 * FRAME_BYTES + 1_000);

function sealed(stream: string, content: Buffer): Buffer[] {
  const sealer = new StreamSealer(streamKey(dataKey, stream));
  return [...sealer.add(content), sealer.finish()];
}

function opened(stream: string, frames: readonly Buffer[]): Buffer {
  const opener = new StreamOpener(streamKey(dataKey, stream));
  const found = frames.flatMap((frame) => opener.add(frame));
  return Buffer.concat([...found, opener.finish()]);
}

function damage(frames: readonly Buffer[], stream = "one"): string {
  try {
    opened(stream, frames);
    return "opened";
  } catch (error) {
    if (!(error instanceof SealedStreamDamage)) throw error;
    return `${error.frame} ${error.reason}`;
  }
}

const [first, second, last] = sealed("one", plain) as [Buffer, Buffer, Buffer];

test("what was sealed opens, whatever the borders of the pieces it comes in", () => {
  expect(opened("one", [first, second, last]).equals(plain)).toBe(true);
  const all = Buffer.concat([first, second, last]);
  const parts = Array.from({ length: Math.ceil(all.length / 700_001) }, (_, index) =>
    all.subarray(index * 700_001, (index + 1) * 700_001),
  );
  expect(opened("one", parts).equals(plain)).toBe(true);
  for (const bytes of [0, 1, FRAME_BYTES, 2 * FRAME_BYTES]) {
    const content = plain.subarray(0, bytes);
    expect(opened("one", sealed("one", content)).equals(content)).toBe(true);
  }
});

test("frames in another order, left out, doubled, behind the end, or of another stream are refused", () => {
  expect(damage([second, first, last])).toBe("0 does-not-open");
  expect(damage([first, last])).toBe("1 does-not-open");
  expect(damage([first, first, second, last])).toBe("1 does-not-open");
  expect(damage([first, second])).toBe("1 cut-off");
  expect(damage([first, second, last.subarray(0, 500)])).toBe("2 does-not-open");
  const exact = sealed("one", plain.subarray(0, FRAME_BYTES));
  expect(damage([...exact, last])).toBe("0 goes-on");
  const other = sealed("other", plain)[1] as Buffer;
  expect(damage([first, other, last])).toBe("1 does-not-open");
  expect(damage([first, second, last], "other")).toBe("0 does-not-open");
});

test("one bit anywhere in a frame or its tag is refused", () => {
  for (const at of [0, 12_345, SEALED_FRAME_BYTES - 1]) {
    const changed = Buffer.from(second);
    changed[at] = (changed[at] as number) ^ 1;
    expect(damage([first, changed, last])).toBe("1 does-not-open");
  }
});
