import { type Bytes, base64url, hex, hkdf, random, same, sha256, unbase64url, uuidBytes } from "../src/sealing/bytes";
import { contextHash, makeBlock, masterKey, openPieces, pieceHash, readBlock } from "../src/sealing/block";
import { type Bid, checkLimits, compareLeaves, type Destination, entryOf, type FileEntry, makeManifest, sealFile } from "../src/sealing/deposit";
import { canonical, type Json } from "../src/sealing/documents";
import { CHUNK_BYTES, chunkData, fileKey, leafOf, merkleRoot, NONCE_BYTES, OVERHEAD, paddedSize } from "../src/sealing/files";
import { isSame, Kept, type KeptFile } from "../src/sealing/kept";
import { readPolicy } from "../src/sealing/policy";
import { checkDeposits, type Proof } from "../src/sealing/proofs";
import { asDealt, chain, makeRelease, readOrder } from "../src/sealing/release";
import { absentees, piecesOf } from "../src/sealing/sharing";
import * as slots from "../src/sealing/slots";
import * as transfer from "../src/sealing/transfer";
import { importPrivate, known, seal, type SuiteNumber, unseal } from "../src/sealing/suites";
import { missingRuns, workSpans } from "../src/sealing/workers";

/** The library as the tests drive it: bytes go in and out as base64url. */

const masters = new Map<string, CryptoKey>();
const policyOf = (text: string) => readPolicy(unbase64url(text));
const utf8 = (text: string): Bytes => new TextEncoder().encode(text);

const chosen = (): File[] => [...document.querySelector<HTMLInputElement>("input")!.files!];

const trials = {
  async block(policy: string, place: { lot: string; envelope: string; bidder: string }) {
    const made = await makeBlock(await policyOf(policy), place);
    masters.set(made.id, made.master);
    const script = await crypto.subtle.exportKey("raw", made.master).then(() => "read", () => "not readable");
    return { block: made.id, bytes: base64url(made.bytes), script };
  },

  async files(block: string, to: Destination): Promise<FileEntry[]> {
    const entries = [];
    for (const source of chosen()) {
      const file = crypto.randomUUID();
      entries.push(await sealFile({ block, file, source, master: masters.get(block)!, leaves: [] }, to, () => undefined));
    }
    return entries;
  },

  /** Seals, but stops after `chunks` and keeps what a next visit needs. */
  async begin(block: string, to: Destination, chunks: number) {
    const [source] = chosen();
    const [master, file, kept, stop] = [masters.get(block)!, crypto.randomUUID(), await Kept.open(), new AbortController()];
    const leaves: (Bytes | undefined)[] = [];
    await kept.putBlock({ block, sha256: "", policy: "", lot: "", envelope: "", bidder: "", master });
    const onLeaf = () => {
      if (leaves.filter(Boolean).length >= chunks) stop.abort();
    };
    await sealFile({ block, file, source: source!, master, leaves }, to, onLeaf, stop.signal).catch(() => undefined);
    const known = [...leaves];
    await kept.putFile({ file, block, name: source!.name, size: source!.size, modified: source!.lastModified, leaves: known });
    return known.flatMap((leaf, index) => (leaf ? [index] : []));
  },

  /** After a reload: goes on with the master key and the leaves that the browser kept, and that the server has. */
  async resume(to: Destination, stored: [number, string][]) {
    const [source] = chosen();
    const kept = await Kept.open();
    const [[block], [file]] = [await kept.blocks(), await kept.files()] as [Awaited<ReturnType<Kept["blocks"]>>, KeptFile[]];
    if (!isSame(file!, source!)) throw new Error("another file");
    compareLeaves(file!.leaves, new Map(stored));
    const sealed = { ...file!, source: source!, master: block!.master };
    let sent = 0;
    const entry = await sealFile(sealed, to, () => sent++);
    return { entry, sent };
  },

  /** The chosen files are stored ones, sealed by the other end: their roots, what they say, and whether the same nonces seal it to the same bytes here. */
  async opens(given: { master: string; block: string; files: string[] }) {
    const master = await crypto.subtle.importKey("raw", unbase64url(given.master), "HKDF", false, ["deriveKey"]);
    const found = [];
    for (const [place, source] of chosen().entries()) {
      const name = { block: given.block, file: given.files[place]! };
      const how = { name: "AES-GCM", length: 256 };
      const opening = await crypto.subtle.deriveKey(hkdf(uuidBytes(name.file), "TSB1/file"), master, how, false, ["decrypt"]);
      const sealing = await fileKey(master, name.file);
      const [step, count] = [CHUNK_BYTES + OVERHEAD, Math.ceil(source.size / (CHUNK_BYTES + OVERHEAD))];
      const [leaves, plain, different]: [Bytes[], ArrayBuffer[], number[]] = [[], [], []];
      for (let index = 0; index < count; index++) {
        const chunk = new Uint8Array(await source.slice(index * step, (index + 1) * step).arrayBuffer());
        const [iv, sealed] = [chunk.slice(0, NONCE_BYTES), chunk.slice(NONCE_BYTES)];
        const aes = { name: "AES-GCM", iv, additionalData: chunkData(name, index, count) };
        plain.push(await crypto.subtle.decrypt(aes, opening, sealed));
        if (!same(new Uint8Array(await crypto.subtle.encrypt(aes, sealing, plain.at(-1)!)), sealed)) different.push(index);
        leaves.push(await leafOf(iv, sealed.buffer));
      }
      const bytes = new Uint8Array(await new Blob(plain).arrayBuffer());
      found.push({ root: await merkleRoot(leaves), size: bytes.length, plain: hex(await sha256(bytes)), different });
    }
    return found;
  },

  async limits(policy: string, sizes: number[]) {
    const files = sizes.map((size) => ({ size }));
    return policyOf(policy).then((own) => checkLimits(files, own)).then(() => "accepted", (error) => error.code);
  },

  async manifest(policy: string, bid: Bid) {
    const made = await makeManifest(await policyOf(policy), bid);
    return { ...made, bytes: base64url(made.bytes) };
  },

  async release(given: { policy: string; older?: string[]; order: string; blocks: Record<string, string>; holder: string; key: string; now?: string }) {
    const policy = await policyOf(given.policy);
    const own = policy.holders.find((one) => one.id === given.holder)!;
    const key = await importPrivate(policy.suite, own.key, unbase64url(given.key));
    const order = await readOrder(unbase64url(given.order), policy, given.now ? new Date(given.now) : new Date());
    const blocks = new Map(Object.entries(given.blocks).map(([id, bytes]) => [id, unbase64url(bytes)]));
    const older = await Promise.all((given.older ?? []).map(policyOf));
    const open = asDealt(chain(policy, older), given.holder, key);
    return base64url(await makeRelease(order, policy.suite, blocks, given.holder, open));
  },

  /** Whether the deposits of an order are proved by these facts. */
  async deposits(given: { policy: string; order: string; proofs: Record<string, Proof[]> }) {
    const order = await readOrder(unbase64url(given.order), await policyOf(given.policy), new Date());
    return checkDeposits(order, given.proofs).then(() => "proved", (error) => error.code);
  },

  /** One part of a handover: `deal` and `check` by an old holder, `receive` by a new one. */
  async handover(part: "deal" | "check" | "receive", given: { old: string; next: string; block: string; plan: string; dealings: string[]; holder: string; key: string }) {
    const [old, next] = [await policyOf(given.old), await policyOf(given.next)];
    const block = await readBlock(unbase64url(given.block));
    const plan = transfer.readPlan(unbase64url(given.plan), next);
    const dealings = given.dealings.map((one) => transfer.readDealing(unbase64url(one)));
    const own = (part === "receive" ? next : old).holders.find((one) => one.id === given.holder)!;
    const key = await importPrivate(old.suite, own.key, unbase64url(given.key));
    if (part === "receive") {
      const pieces = await transfer.receivedPieces(plan, block, next, dealings, given.holder, key);
      return { pieces: [...pieces].map(([number, piece]) => [number, hex(piece)]), reception: base64url(await transfer.reception(plan, block, given.holder, pieces)) };
    }
    const pieces = await openPieces(old, block, given.holder, key);
    if (part === "deal") return base64url(await transfer.deal(plan, block, old, next, given.holder, pieces));
    const checked = dealings.map((one) => transfer.checkCut(plan, block, next, one, given.holder, key, pieces));
    return Promise.all(checked).then(() => "right", (error) => error.code);
  },

  /** An officer's acceptance with every kind of slot, and each slot opened by what the person would give. */
  async officer(suite: number, holder: string, language: "fr" | "en", passkey: boolean) {
    const recovery = slots.makeRecoveryCode(language);
    const secrets = [recovery.secret, slots.phraseSecret("Quatre châtaigniers près du lavoir")];
    if (passkey) secrets.push(await slots.makePasskey("Claire Exemple", "Territoires"));
    const made = await slots.accept(known(suite), holder, secrets);
    const typed = [
      slots.recoverySecret(recovery.words.map((word) => word.normalize("NFD").replace(/\p{Mark}/gu, "").toUpperCase()).join("  ")),
      slots.recoverySecret(recovery.words.map((word) => word.slice(0, 4)).join(" ")),
      slots.recoverySecret(recovery.code.toLowerCase()),
    ];
    const first = slots.readSlot(made.slots[0]!);
    for (const secret of typed) await slots.tryKey(await slots.openSlot(first, secret, known(suite), made.publicKey));
    if (passkey) {
      const slot = slots.readSlot(made.slots[2]!);
      await slots.tryKey(await slots.openSlot(slot, await slots.passkeySecret(slot.credential!), known(suite), made.publicKey));
    }
    const phrase = slots.phraseSecret("Une autre phrase");
    const added = slots.readSlot(await slots.addSlot(first, recovery.secret, phrase));
    await slots.tryKey(await slots.openSlot(added, phrase, known(suite), made.publicKey));
    const alone = await slots.accept(known(suite), holder, secrets.slice(2)).then(() => "accepted", (error) => error.code);
    const refused = await slots
      .openSlot(first, slots.makeRecoveryCode(language).secret, known(suite), made.publicKey)
      .then(() => "opened", (error) => error.code);
    return { publicKey: base64url(made.publicKey), slots: made.slots.map(base64url), words: recovery.words, code: recovery.code, refused, alone };
  },

  // For the vectors.

  canonical: (value: Json) => base64url(utf8(canonical(value))),
  hashOf: async (context: { [key: string]: Json }) => hex(await contextHash(context)),
  subsets: (holders: number, threshold: number) => {
    const sets = absentees(holders, threshold);
    return { sets, held: Array.from({ length: holders }, (_, holder) => piecesOf(holder, sets)) };
  },
  padded: paddedSize,
  root: async (leaves: string[]) => merkleRoot(leaves.map(unbase64url)),
  leaf: async (nonce: string, sealed: string) => hex(await leafOf(unbase64url(nonce), unbase64url(sealed).buffer)),
  data: (block: string, file: string, index: number, count: number) => hex(chunkData({ block, file }, index, count)),
  piece: (ctx: string, number: number, piece: string) => pieceHash(unbase64url(ctx), number, unbase64url(piece)),

  async chunk(given: { secret: string; ctx: string; file: string; nonce: string; data: string; plain: string }) {
    const key = await fileKey(await masterKey(unbase64url(given.secret), unbase64url(given.ctx)), given.file);
    const how = { name: "AES-GCM", iv: unbase64url(given.nonce), additionalData: unbase64url(given.data) };
    return hex(new Uint8Array(await crypto.subtle.encrypt(how, key, unbase64url(given.plain))));
  },

  async unwrap(suite: number, publicKey: string, pkcs8: string, info: string, wrap: string) {
    const key = await importPrivate(known(suite), unbase64url(publicKey), unbase64url(pkcs8));
    return base64url(await unseal(key, unbase64url(info), unbase64url(wrap)));
  },

  /** The kinds of refusal of documents and blocks, by code. */
  async refusal(kind: "policy" | "order" | "block", bytes: string, policy: string, holder = "", key = "") {
    const run = async () => {
      if (kind === "policy") return readPolicy(unbase64url(bytes));
      const own = await policyOf(policy);
      if (kind === "order") return readOrder(unbase64url(bytes), own, new Date());
      const block = await readBlock(unbase64url(bytes));
      const { key: publicKey } = own.holders.find((one) => one.id === holder)!;
      return openPieces(own, block, holder, await importPrivate(own.suite, publicKey, unbase64url(key)));
    };
    return run().then(() => "accepted", (error) => error.code ?? String(error));
  },

  /** Whether this end reads each document at all. */
  async reads(kind: "policy" | "order" | "block" | "slot" | "dealing" | "transfer", documents: string[], policy: string) {
    const own = await policyOf(policy);
    const readers = {
      policy: (data: Bytes) => readPolicy(data),
      order: (data: Bytes) => readOrder(data, own, new Date()),
      block: (data: Bytes) => readBlock(data),
      slot: async (data: Bytes) => slots.readSlot(data),
      dealing: async (data: Bytes) => transfer.readDealing(data),
      transfer: async (data: Bytes) => transfer.readPlan(data, own),
    };
    const one = (text: string) => readers[kind](unbase64url(text)).then(() => "", (error) => error.code ?? `broke: ${error}`);
    return Promise.all(documents.map(one));
  },

  // For the benchmark.

  /** Raw WebCrypto: one buffer encrypted again and again; bytes a second. */
  async raw(total: number): Promise<number> {
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt"]);
    const plain = random(1 << 16).buffer;
    const buffer = new Uint8Array(1 << 20);
    for (let at = 0; at < buffer.length; at += plain.byteLength) buffer.set(new Uint8Array(plain), at);
    const begin = performance.now();
    for (let done = 0; done < total; done += buffer.length) {
      await crypto.subtle.encrypt({ name: "AES-GCM", iv: random(12) }, key, buffer);
    }
    return total / ((performance.now() - begin) / 1000);
  },

  /** The whole protocol on the chosen file, without the network; bytes a second and the entry. */
  async protocol(policy: string) {
    const made = await makeBlock(await policyOf(policy), { lot: crypto.randomUUID(), envelope: "tender", bidder: crypto.randomUUID() });
    const [source] = chosen();
    const [file, leaves] = [crypto.randomUUID(), [] as (Bytes | undefined)[]];
    const begin = performance.now();
    const start = (span: { first: number; last: number }): Worker => {
      const worker = new Worker(new URL("./no-upload-worker.ts", import.meta.url), { type: "module" });
      worker.postMessage({ source, master: made.master, block: made.id, file, ...span });
      return worker;
    };
    await workSpans(missingRuns(source!.size, leaves), start, (index, leaf) => (leaves[index] = leaf));
    const entry = await entryOf({ block: made.id, file, source: source!, master: made.master, leaves });
    return { rate: source!.size / ((performance.now() - begin) / 1000), chunks: entry.chunks };
  },

  async seals(suite: SuiteNumber, publicKey: string, times: number): Promise<number> {
    const begin = performance.now();
    for (let at = 0; at < times; at++) await seal(suite, unbase64url(publicKey), random(64), random(32));
    return (performance.now() - begin) / times;
  },
};

declare global {
  interface Window {
    trials: typeof trials;
  }
}
window.trials = trials;
