import { base64url, type Bytes, unbase64url, utf8 } from "./bytes";

/**
 * Documents in canonical JSON (TSB1, section 2): ASCII keys, strings, integers, true, false, null, arrays, objects.
 * Only bytes in that form are read, so that a document has one hash.
 */

/** What the protocol refuses. `code` is stable: pages choose their sentence by it; `message` is technical. */
export class Refused extends Error {
  constructor(
    readonly code: "malformed" | "unknown-form" | "mismatch" | "cannot-unwrap" | "wrong-piece" | "too-early" | "over-limit" | "not-proved",
    message: string,
  ) {
    super(message);
  }
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Check<T> = (value: unknown) => T;
type Shape = Record<string, Check<unknown>>;
type Fields<S extends Shape> = { [K in keyof S]: ReturnType<S[K]> };

const PREFIX = "territoires/sealed-bid/";
const HALF_CHARACTER = /\p{Surrogate}/u;
const BEYOND_ASCII = /[^\x00-\x7f]/;

export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const items = Object.keys(value)
      .sort()
      .map((key) => {
        if (BEYOND_ASCII.test(key)) throw new Refused("malformed", "a key that is no ASCII text");
        return `${JSON.stringify(key)}:${canonical(value[key]!)}`;
      });
    return `{${items.join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new Refused("malformed", "a number that is no integer below 2^53");
  }
  if (typeof value === "string" && HALF_CHARACTER.test(value)) {
    throw new Refused("malformed", "half of a character");
  }
  return JSON.stringify(value);
}

export function parsed(data: Bytes): unknown {
  let text: string, value: Json;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
    value = JSON.parse(text) as Json;
  } catch {
    throw new Refused("malformed", "no JSON of the subset");
  }
  if (canonical(value) !== text) throw new Refused("malformed", "JSON not in canonical form");
  return value;
}

/** The checked fields of a document of type `territoires/sealed-bid/<kind>`, without `v` and `type`. */
export function read<S extends Shape>(data: Bytes, kind: string, shape: S): Fields<S> {
  const value = parsed(data);
  if (!isObject(value) || value.v !== 1 || value.type !== PREFIX + kind) {
    throw new Refused("unknown-form", `no ${kind} of version 1`);
  }
  const { v: _v, type: _type, ...own } = value;
  return fields(shape)(own);
}

export const written = (kind: string, content: { [key: string]: Json }): Bytes =>
  utf8(canonical({ v: 1, type: PREFIX + kind, ...content }));

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function checked<T>(found: boolean, value: unknown, expected: string): T {
  if (!found) throw new Refused("malformed", expected);
  return value as T;
}

/** An object with these keys, all of them and no other. */
export const fields =
  <S extends Shape>(shape: S): Check<Fields<S>> =>
  (value) => {
    const keys = Object.keys(shape);
    const known = isObject(value) && Object.keys(value).length === keys.length && keys.every((key) => key in value);
    const object = checked<Record<string, unknown>>(known, value, `an object with ${keys.join(", ")}`);
    return Object.fromEntries(keys.map((key) => [key, shape[key]!(object[key])])) as Fields<S>;
  };

export const listed =
  <T>(check: Check<T>, most = 10_000, least = 1): Check<T[]> =>
  (value) => {
    const known = Array.isArray(value) && value.length >= least && value.length <= most;
    return checked<unknown[]>(known, value, `a list of ${least} to ${most}`).map(check);
  };

export const integer =
  (least = 0, most = Number.MAX_SAFE_INTEGER): Check<number> =>
  (value) =>
    checked(
      Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
      value,
      `an integer from ${least} to ${most}`,
    );

export const oneOf =
  <W extends string>(...words: W[]): Check<W> =>
  (value) =>
    checked(words.includes(value as W), value, `one of ${words.join(", ")}`);

/** Counted in characters of Unicode, as the other end does. */
export const text: Check<string> = (value) =>
  checked(typeof value === "string" && value !== "" && [...value].length <= 255, value, "a text");

export const truth: Check<boolean> = (value) => checked(typeof value === "boolean", value, "true or false");

const matching =
  (pattern: RegExp, expected: string): Check<string> =>
  (value) =>
    checked(typeof value === "string" && pattern.test(value), value, expected);

export const identifier = matching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "a UUID in lower case");
export const digest = matching(/^[0-9a-f]{64}$/, "a SHA-256 in hexadecimal");
export const instant: Check<string> = (value) => {
  const known = typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value);
  const at = known ? new Date(value as string) : new Date(Number.NaN);
  // the engine takes the 30th of February for the 2nd of March
  const same = !Number.isNaN(at.getTime()) && at.toISOString() === (value as string).replace("Z", ".000Z");
  return checked(same, value, "an instant in UTC, to the second");
};

export const optional =
  <T>(check: Check<T>): Check<T | null> =>
  (value) =>
    value === null ? null : check(value);

/** Base64url without padding, in its only form. */
export const octets: Check<Bytes> = (value) => {
  const plain = matching(/^[\w-]+$/, "base64url without padding")(value);
  let found: Bytes | null = null;
  try {
    found = unbase64url(plain);
  } catch {
    // said below
  }
  return checked(found !== null && base64url(found) === plain, found, "base64url without padding");
};
