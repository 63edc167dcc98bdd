/**
 * Colours as a lamp's firmware reads them, so that the page shows what the lamp does and offers nothing that the
 * lamp would ignore.
 */
import { colourNames } from "./colour-names.js";

/**
 * The colour that a payload sets, as `#rrggbb`; null when the lamp would keep its old one.
 *
 * `#` and then exactly 3 or 6 hex digits up to the first other character, at most 7 being read; or a name, in any
 * case, up to the first character that is not alphanumeric.
 */
export function colourOf(payload) {
  if (payload.startsWith("#")) {
    const digits = /^#([0-9a-f]{0,7})/i.exec(payload)[1].toLowerCase();
    if (digits.length === 6) return `#${digits}`;
    if (digits.length === 3) return `#${[...digits].map((digit) => digit + digit).join("")}`;
    return null;
  }
  const name = /^[a-z0-9]*/i.exec(payload)[0].toLowerCase();
  const value = colourNames.get(name);
  return value === undefined ? null : `#${value.toString(16).padStart(6, "0")}`;
}

/** What a person typed, as a payload: trimmed, and with the `#` that is easily forgotten; null when it is no colour. */
export function payloadOf(typed) {
  const text = typed.trim();
  for (const candidate of [text, `#${text}`]) {
    const whole = /^(#[0-9a-f]{3}|#[0-9a-f]{6}|[a-z]+)$/i.test(candidate);
    if (whole && colourOf(candidate)) return candidate.toLowerCase();
  }
  return null;
}

/** How bright a colour looks, 0 (black) to 1 (white): the relative luminance of WCAG 2. */
export function luminance(colour) {
  const [red, green, blue] = [1, 3, 5].map((start) => {
    const channel = parseInt(colour.slice(start, start + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
