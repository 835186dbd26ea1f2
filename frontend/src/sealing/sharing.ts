import { type Bytes, random, xor } from "./bytes";

/** Replicated XOR sharing (TSB1, section 4): A_j are the sets of `threshold - 1` of `holders`, in lexicographic order. */
export function absentees(holders: number, threshold: number): number[][] {
  const from = (first: number, size: number): number[][] =>
    size === 0
      ? [[]]
      : Array.from({ length: holders - first }, (_, step) => first + step).flatMap((one) =>
          from(one + 1, size - 1).map((rest) => [one, ...rest]),
        );
  return from(0, threshold - 1);
}

/** The numbers of a holder's pieces, ascending: those of the sets that the holder is not in. */
export const piecesOf = (holder: number, sets: number[][]): number[] =>
  sets.flatMap((set, number) => (set.includes(holder) ? [] : [number]));

/** `count` strings whose XOR is the secret, all but the last one random. */
export function split(secret: Bytes, count: number): Bytes[] {
  const drawn = Array.from({ length: count - 1 }, () => random(secret.length));
  return [...drawn, xor([secret, ...drawn])];
}
