import { type Bytes, hex, sha256 } from "./bytes";
import { digest, fields, identifier, instant, integer, listed, octets, oneOf, optional, read, Refused, text } from "./documents";
import { absentees } from "./sharing";
import { checkPublic, known, type SuiteNumber } from "./suites";

/** The policy of a consultation's round (TSB1, section 5): who opens, when, under which limits. */

const SHAPE = {
  consultation: identifier,
  round: integer(1),
  version: integer(1),
  suite: integer(1),
  threshold: integer(2, 12),
  holders: listed(fields({ id: identifier, role: oneOf("officer", "custodian"), name: text, key: octets }), 12),
  time: fields({ id: identifier, key: octets }),
  deadline: instant,
  envelopes: listed(text, 20),
  limits: fields({ file: integer(1), bid: integer(1), files: integer(1, 10_000) }),
  previous: optional(digest),
};

type Written = ReturnType<typeof read<typeof SHAPE>>;

/** `hash` is the policy hash, printed in the rules of the consultation. `sets` are the holders who lack each piece. */
export interface Policy extends Omit<Written, "suite"> {
  suite: SuiteNumber;
  hash: string;
  sets: number[][];
}

export async function readPolicy(data: Bytes): Promise<Policy> {
  const found = read(data, "policy", SHAPE);
  const { holders, threshold, time } = found;
  if (threshold >= holders.length) throw new Refused("malformed", "fewer officers than the threshold");
  const roles = holders.map((one) => one.role);
  if (roles.at(-1) !== "custodian" || roles.indexOf("custodian") !== roles.length - 1) {
    throw new Refused("malformed", "officers in order, then one custodian");
  }
  const distinct = [holders.map((one) => one.id).concat(time.id), holders.map((one) => hex(one.key)).concat(hex(time.key)), found.envelopes];
  if (distinct.some((all) => new Set(all).size !== all.length)) throw new Refused("malformed", "the same holder, key or envelope twice");
  const sets = absentees(holders.length, threshold);
  if (sets.length > 220) throw new Refused("malformed", "too many pieces");
  const suite = known(found.suite);
  await Promise.all([...holders, time].map((one) => checkPublic(suite, one.key)));
  return { ...found, suite, hash: hex(await sha256(data)), sets };
}
