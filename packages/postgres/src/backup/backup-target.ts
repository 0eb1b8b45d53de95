// Where backups lie: whole objects under names. Whoever holds them can delete them, but never read or change one unnoticed.

export interface StoredObject {
  readonly name: string;
  readonly bytes: number;
}

/** Nothing that we store is larger; whoever else writes there may leave what fits into no memory. */
export const OBJECT_BYTES_MAX = 128 * 1024 * 1024;

export interface BackupTarget {
  /** For people: a folder, or a bucket. Holds no secret. */
  readonly description: string;
  /** Stores the object whole or not at all; when it resolves, the object survives a crash. @throws BackupError */
  put(name: string, content: Uint8Array): Promise<void>;
  /** The object, or undefined when there is none. @throws BackupError, also for what is larger than any of ours. */
  get(name: string): Promise<Buffer | undefined>;
  /** All objects whose names begin so, in the order of their names. @throws BackupError */
  list(prefix: string): Promise<readonly StoredObject[]>;
  /** Nothing happens when there is none. @throws BackupError, such as for an object that is locked. */
  remove(name: string): Promise<void>;
}

const OBJECT_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*(\/[a-zA-Z0-9][a-zA-Z0-9_.-]*)*$/;
const NAME_CHARACTERS_MAX = 256;

/** Whether a name may be asked of a target: segments of letters, digits, dots and dashes, none of which begins with a dot. */
export const isObjectName = (name: string): boolean => name.length <= NAME_CHARACTERS_MAX && OBJECT_NAME.test(name);
