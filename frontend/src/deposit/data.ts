import type { FileEntry } from "../sealing/deposit";

/** What the page gives to its script: places, policies that are still good, and every sentence, in the reader's language. */
export interface Data {
  address: string;
  token: string;
  consultation: string;
  round: number;
  bidder: string;
  rehearsal: boolean;
  policies: string[];
  candidature: string;
  lots: string[];
  variants: boolean;
  arrived: Arrived[];
  former: Former | null;
  words: Record<string, string>;
  language: string;
}

/** A file that the server has and no deposit names. */
export interface Arrived {
  file: string;
  block: string;
  chunks: number;
  size: number;
}

/** The last deposit that counts: its files can be named again. */
export interface Former {
  root: string;
  number: number;
  blocks: { block: string; sha256: string; lot: string; envelope: string; policy: string }[];
  files: FileEntry[];
}

export type Words = (name: string, values?: Record<string, string | number>) => string;

export const speaker =
  (words: Record<string, string>): Words =>
  (name, values = {}) =>
    Object.entries(values).reduce((text, [key, value]) => text.replaceAll(`{${key}}`, String(value)), words[name] ?? name);

const UNITS = ["bytes", "kilobytes", "megabytes", "gigabytes"];

/** A size in words, as the platform writes them: thousands, one decimal below ten. */
export function sized(bytes: number, language: string, words: Words): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = { maximumFractionDigits: unit && value < 10 ? 1 : 0 };
  return words(UNITS[unit]!, { size: value.toLocaleString(language, digits) });
}
