// The country a number belongs to, as far as its first digits say: what a limit on text messages counts by.

/** ITU-T E.164 country codes of one and of two digits; every other one has three. */
const short = /^(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;
const longDigits = 3;

/** "41790000000" → "41". Several countries share "1" and "7". */
export function countryCode(phone: string): string {
  return short.exec(phone)?.[0] ?? phone.slice(0, longDigits);
}
