import { createSecretKey, randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { blindIndex } from "./blind-index.ts";
import { contextBytes } from "./context.ts";
import { ENVELOPE_BYTES, envelopeKeyId, isEnvelope, KEY_ID_BYTES, openEnvelope, sealEnvelope } from "./envelope.ts";

const key = () => ({ idBytes: randomBytes(KEY_ID_BYTES), key: createSecretKey(randomBytes(32)) });
const context = fc.dictionary(fc.string({ maxLength: 20 }), fc.string({ maxLength: 40 }), { maxKeys: 5 });
const plain = fc.uint8Array({ maxLength: 200 });

test("whatever is sealed opens under the same key in the same context, and is not in the sealed value", () => {
  const own = key();
  fc.assert(
    fc.property(plain, context, (value, place) => {
      const sealed = sealEnvelope(own, place, value);
      expect(sealed.length).toBe(value.length + ENVELOPE_BYTES);
      expect(isEnvelope(sealed)).toBe(true);
      expect(envelopeKeyId(sealed)).toEqual(own.idBytes);
      expect(openEnvelope(own, place, sealed)).toEqual(Buffer.from(value));
      if (value.length > 3) expect(sealed.includes(value)).toBe(false);
    }),
  );
});

test("the same value sealed twice is never the same bytes", () => {
  const own = key();
  const seen = new Set(Array.from({ length: 1_000 }, () => sealEnvelope(own, {}, Buffer.from("x")).toString("hex")));
  expect(seen.size).toBe(1_000);
});

test("every single flipped bit is refused", () => {
  const own = key();
  const sealed = sealEnvelope(own, { row: "1" }, Buffer.from("a value of some length"));
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const flipped = Buffer.from(sealed);
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
    expect(openEnvelope(own, { row: "1" }, flipped), `bit ${bit}`).toBeUndefined();
  }
});

test("every cut and every lengthened value is refused", () => {
  const own = key();
  const sealed = sealEnvelope(own, {}, Buffer.from("abc"));
  for (let length = 0; length < sealed.length; length += 1)
    expect(openEnvelope(own, {}, sealed.subarray(0, length))).toBeUndefined();
  expect(openEnvelope(own, {}, Buffer.concat([sealed, Buffer.alloc(1)]))).toBeUndefined();
});

test("a value in any other context, or under another key of the same id, is refused", () => {
  const own = key();
  const namesake = { ...key(), idBytes: own.idBytes };
  fc.assert(
    fc.property(plain, context, context, (value, place, elsewhere) => {
      fc.pre(!contextBytes(place).equals(contextBytes(elsewhere)));
      const sealed = sealEnvelope(own, place, value);
      expect(openEnvelope(own, elsewhere, sealed)).toBeUndefined();
      expect(openEnvelope(namesake, place, sealed)).toBeUndefined();
    }),
  );
});

test("contexts that differ are different bytes, however their parts are cut", () => {
  fc.assert(
    fc.property(context, context, (one, other) => {
      const sorted = (place: Record<string, string>) => JSON.stringify(Object.entries(place).sort());
      const bytesAreEqual = contextBytes(one).equals(contextBytes(other));
      if (sorted(one) !== sorted(other)) expect(bytesAreEqual).toBe(false);
    }),
  );
  expect(contextBytes({ a: "bc" })).not.toEqual(contextBytes({ ab: "c" }));
  expect(contextBytes({ a: "1", b: "2" })).toEqual(contextBytes({ b: "2", a: "1" }));
});

test("a blind index is equal for equal values in one place, and for no others", () => {
  const own = createSecretKey(randomBytes(32));
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      const place = { table: "t", column: "c" };
      expect(blindIndex(own, place, one)).toEqual(blindIndex(own, place, one));
      if (one.normalize("NFC") !== other.normalize("NFC"))
        expect(blindIndex(own, place, one)).not.toEqual(blindIndex(own, place, other));
      expect(blindIndex(own, place, one)).not.toEqual(blindIndex(own, { table: "t", column: "d" }, one));
      expect(blindIndex(createSecretKey(randomBytes(32)), place, one)).not.toEqual(blindIndex(own, place, one));
    }),
  );
  expect(blindIndex(own, {}, "é")).toEqual(blindIndex(own, {}, "é"));
});
