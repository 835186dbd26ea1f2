import type { Bytes } from "./bytes";
import type { Place } from "./block";

/**
 * What this browser keeps between two visits: master keys that no script can read, and the leaves of what was sent.
 *
 * Nothing else is needed to go on; lost, a new block is made. Names of files never leave this browser.
 */

const NAME = "tsb1";

export interface KeptBlock extends Place {
  block: string;
  sha256: string;
  policy: string;
  master: CryptoKey;
}

export interface KeptFile {
  file: string;
  block: string;
  name: string;
  size: number;
  modified: number;
  leaves: (Bytes | undefined)[];
}

export class Kept {
  private constructor(private readonly database: IDBDatabase) {}

  static async open(): Promise<Kept> {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("blocks", { keyPath: "block" });
      asked.result.createObjectStore("files", { keyPath: "file" });
    };
    return new Kept(await done(asked));
  }

  blocks(): Promise<KeptBlock[]> {
    return done(this.store("blocks", "readonly").getAll());
  }

  files(): Promise<KeptFile[]> {
    return done(this.store("files", "readonly").getAll());
  }

  async putBlock(block: KeptBlock): Promise<void> {
    await done(this.store("blocks", "readwrite").put(block));
  }

  async putFile(file: KeptFile): Promise<void> {
    await done(this.store("files", "readwrite").put(file));
  }

  async dropFile(file: string): Promise<void> {
    await done(this.store("files", "readwrite").delete(file));
  }

  private store(name: "blocks" | "files", mode: IDBTransactionMode): IDBObjectStore {
    return this.database.transaction(name, mode).objectStore(name);
  }
}

/** Whether the chosen file is the one that was being sealed. */
export const isSame = (kept: KeptFile, chosen: File): boolean =>
  kept.name === chosen.name && kept.size === chosen.size && kept.modified === chosen.lastModified;

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
