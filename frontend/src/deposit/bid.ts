import { makeBlock } from "../sealing/block";
import { type Bytes, hex, sha256 } from "../sealing/bytes";
import { checkLimits, compareLeaves, type FileEntry, makeManifest, sealFile } from "../sealing/deposit";
import { chunkCount, paddedSize } from "../sealing/files";
import { isSame, Kept, type KeptBlock, type KeptFile } from "../sealing/kept";
import { type Policy, readPolicy } from "../sealing/policy";
import type { Data } from "./data";
import type { Deposited, Server } from "./server";

/** The bid in this browser: its files, how far each is, and the deposit. Knows no page. */

export interface Where {
  lot: string;
  envelope: string;
}

export type State = "waiting" | "sealing" | "sent" | "paused" | "choose" | "failed" | "deposited" | "stale";

export interface Item extends Where {
  file: string;
  block: string;
  name: string;
  size: number;
  modified: number;
  leaves: (Bytes | undefined)[];
  state: State;
  source?: File;
  /** Known once every chunk is sent. */
  entry?: FileEntry;
}

/** A file as this browser keeps it: once sealed, with its entry of the manifest. */
interface KeptItem extends KeptFile {
  entry?: FileEntry;
  deposited?: boolean;
}

const BETWEEN_SAVES = 400;

export class Bid {
  readonly items: Item[] = [];
  /** False in a private window that keeps nothing. */
  keeps = true;
  isPaused = false;
  private policy!: Policy;
  private kept: Kept | null = null;
  private readonly blocks = new Map<string, KeptBlock>();
  private readonly making = new Map<string, Promise<KeptBlock>>();
  private running: Promise<void> | null = null;
  private stop = new AbortController();

  constructor(
    private readonly data: Data,
    private readonly server: Server,
    private readonly changed: (item?: Item) => void,
    private readonly failed: (item: Item, error: unknown) => void,
  ) {}

  /** Reads the policy, and what this browser and the last deposit already hold. */
  async open(): Promise<void> {
    this.policy = await readPolicy(await this.server.policy());
    this.kept = await Kept.open().catch(() => null);
    this.keeps = this.kept !== null;
    await this.recall();
    this.recallFormer();
    this.changed();
  }

  get limits(): Policy["limits"] {
    return this.policy.limits;
  }

  of(where: Where): Item[] {
    const isCandidature = where.envelope === this.data.candidature;
    return this.items.filter((one) => one.envelope === where.envelope && (isCandidature || one.lot === where.lot));
  }

  get isBusy(): boolean {
    return this.running !== null;
  }

  /** Adds files to a section; throws before anything is sent when the limits do not admit them. */
  async add(files: File[], where: Where): Promise<Item[]> {
    checkLimits([...this.items, ...files], this.policy);
    const block = await this.blockFor(where);
    const added = files.map((source): Item => {
      const { name, size, lastModified: modified } = source;
      return { ...where, lot: block.lot, file: crypto.randomUUID(), block: block.block, name, size, modified, leaves: [], state: "waiting", source };
    });
    this.items.push(...added);
    for (const item of added) await this.keep(item);
    this.changed();
    this.go();
    return added;
  }

  /** Goes on with a file after a reload: it must be the very same. */
  async choose(item: Item, source: File): Promise<boolean> {
    if (!isSame(item, source)) return false;
    compareLeaves(item.leaves, await this.server.chunks(item.file));
    item.source = source;
    item.state = "waiting";
    this.changed(item);
    this.go();
    return true;
  }

  async remove(item: Item): Promise<void> {
    if (item.state === "sealing") await this.pause();
    if (item.state !== "deposited") await this.server.discard(item.file);
    this.items.splice(this.items.indexOf(item), 1);
    await this.kept?.dropFile(item.file);
    this.changed();
    if (!this.isPaused) this.go();
  }

  async pause(): Promise<void> {
    this.isPaused = true;
    this.stop.abort();
    await this.running;
    this.changed();
  }

  resume(): void {
    this.isPaused = false;
    for (const item of this.items) if (item.source && (item.state === "failed" || item.state === "paused")) item.state = "waiting";
    this.changed();
    this.go();
  }

  sentChunks(item: Item): { sent: number; all: number } {
    const all = chunkCount(paddedSize(item.size));
    return { sent: item.entry ? all : item.leaves.filter(Boolean).length, all };
  }

  /** What keeps the bid from being deposited, as the name of a sentence; null when nothing does. */
  obstacle(lots: string[]): string | null {
    if (!this.items.length) return "nothing_to_seal";
    if (this.items.some((one) => !one.entry)) return "not_ready";
    const tenders = new Set(this.items.filter((one) => one.envelope !== this.data.candidature).map((one) => one.lot));
    if (lots.some((lot) => !tenders.has(lot)) && tenders.size) return "tender_missing";
    const moved = this.items.some((one) => tenders.size && !tenders.has(one.lot));
    return moved ? "candidature_moved" : null;
  }

  get lacksCandidature(): boolean {
    const asked = this.policy.envelopes.includes(this.data.candidature);
    return asked && !this.items.some((one) => one.envelope === this.data.candidature);
  }

  /** The final gesture: a manifest, and nothing else. */
  async seal(): Promise<Deposited> {
    const entries = this.items.map((one) => one.entry!);
    const named = [...new Set(entries.map((one) => one.block))].map((key) => this.blocks.get(key)!);
    const { bytes } = await makeManifest(this.policyOf(named), {
      deposit: crypto.randomUUID(),
      bidder: this.data.bidder,
      lots: [...new Set(named.map((one) => one.lot))],
      blocks: named.map(({ block, sha256 }) => ({ block, sha256 })),
      files: entries,
      supersedes: this.data.former?.root ?? null,
      rehearsal: this.data.rehearsal,
    });
    const made = await this.server.seal(bytes);
    for (const item of this.items) {
      item.state = "deposited";
      await this.keep(item);
    }
    return made;
  }

  /** Blocks may be of several versions: the deadline moved, or an officer was replaced. The manifest names that of the first. */
  private policyOf(blocks: KeptBlock[]): Policy {
    return { ...this.policy, hash: blocks[0]!.policy };
  }

  private async recall(): Promise<void> {
    if (!this.kept) return;
    const ours = (one: KeptBlock): boolean => one.bidder === this.data.bidder && this.data.lots.includes(one.lot);
    for (const block of (await this.kept.blocks()).filter(ours)) this.blocks.set(block.block, block);
    const arrived = new Set(this.data.arrived.map((one) => one.file));
    for (const one of (await this.kept.files()) as KeptItem[]) {
      const block = this.blocks.get(one.block);
      if (!block || !this.isRound(block)) continue;
      const { lot, envelope } = block;
      const { file, name, size, modified, leaves, entry, deposited } = one;
      if (entry && !deposited && !arrived.has(file)) continue; // a colleague destroyed it
      const isStale = !this.data.policies.includes(block.policy);
      const state: State = isStale ? "stale" : deposited ? "deposited" : entry ? "sent" : "choose";
      this.items.push({ lot, envelope, file, block: one.block, name, size, modified, leaves, state, ...(entry && !isStale && { entry }) });
    }
  }

  /** Rounds have policies of their own; a block of an older version of this one is shown as no longer good. */
  private isRound(block: KeptBlock): boolean {
    return this.data.policies.includes(block.policy) || this.data.arrived.some((one) => one.block === block.block);
  }

  /** Files of the last deposit that another browser sealed: nobody here knows their names. */
  private recallFormer(): void {
    const { former } = this.data;
    if (!former) return;
    const places = new Map(former.blocks.map((one) => [one.block, one]));
    const known = new Set(this.items.map((one) => one.file));
    former.files.forEach((entry, at) => {
      const place = places.get(entry.block)!;
      if (known.has(entry.file) || !this.data.policies.includes(place.policy)) return;
      if (!this.blocks.has(place.block)) {
        this.blocks.set(place.block, { ...place, bidder: this.data.bidder, master: undefined as unknown as CryptoKey });
      }
      const name = JSON.stringify([at + 1, former.number]);
      this.items.push({ lot: place.lot, envelope: place.envelope, file: entry.file, block: entry.block, name, size: entry.size, modified: 0, leaves: [], state: "deposited", entry });
    });
  }

  private blockFor(where: Where): Promise<KeptBlock> {
    const known = [...this.blocks.values()].find(
      (one) => one.master && one.envelope === where.envelope && one.lot === where.lot && one.policy === this.policy.hash,
    );
    if (known) return Promise.resolve(known);
    const key = `${where.envelope} ${where.lot}`;
    const making = this.making.get(key) ?? this.makeBlock(where).finally(() => this.making.delete(key));
    this.making.set(key, making);
    return making;
  }

  private async makeBlock(where: Where): Promise<KeptBlock> {
    const made = await makeBlock(this.policy, { ...where, bidder: this.data.bidder });
    await this.server.sendBlock(made.bytes);
    const block = { ...where, bidder: this.data.bidder, block: made.id, policy: this.policy.hash, master: made.master, sha256: hex(await sha256(made.bytes)) };
    this.blocks.set(block.block, block);
    await this.kept?.putBlock(block);
    return block;
  }

  private async keep(item: Item): Promise<void> {
    const { file, block, name, size, modified, leaves, entry, state } = item;
    if (!this.blocks.get(block)?.master) return; // of a colleague's browser
    const kept: KeptItem = { file, block, name, size, modified, leaves, ...(entry && { entry }), ...(state === "deposited" && { deposited: true }) };
    await this.kept?.putFile(kept);
  }

  private go(): void {
    if (this.running || this.isPaused) return;
    this.running = this.work().finally(() => {
      this.running = null;
      this.changed();
    });
  }

  private async work(): Promise<void> {
    for (let item = this.next(); item && !this.isPaused; item = this.next()) {
      this.stop = new AbortController();
      item.state = "sealing";
      this.changed(item);
      try {
        item.entry = await this.sealed(item);
        item.state = "sent";
      } catch (error) {
        const isPause = this.stop.signal.aborted;
        item.state = isPause ? "paused" : "failed";
        this.isPaused = true;
        if (!isPause) this.failed(item, error);
      }
      await this.keep(item);
      this.changed(item);
    }
  }

  private next(): Item | undefined {
    return this.items.find((one) => one.state === "waiting" && one.source);
  }

  private sealed(item: Item): Promise<FileEntry> {
    let saved = 0;
    const told = (): void => {
      this.changed(item);
      if (performance.now() - saved < BETWEEN_SAVES) return;
      saved = performance.now();
      void this.keep(item);
    };
    const { master } = this.blocks.get(item.block)!;
    return sealFile({ ...item, source: item.source!, master }, this.server.destination(item.block), told, this.stop.signal);
  }
}
