import { type Run, sealRun } from "../src/sealing/chunks";

/** Seals a run and sends nothing: what the protocol costs by itself, for benchmarks. */
self.onmessage = async ({ data }: MessageEvent<Run>) => {
  await sealRun(data, async ({ index, leaf }) => self.postMessage({ index, leaf }));
  self.postMessage({ done: true });
};
