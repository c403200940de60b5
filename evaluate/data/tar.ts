/** Files of a tar archive: plain names of up to 100 bytes, as the archives read here have them. */
export interface ArchivedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

const BLOCK = 512;
const NAME = 100;
const SIZE_AT = 124;
const SIZE_DIGITS = 12;
const TYPE_AT = 156;
const FILE_TYPES = ['0', '\0'];

const text = (bytes: Uint8Array, from: number, length: number): string => {
  const field = Buffer.from(bytes.subarray(from, from + length)).toString('latin1');
  const end = field.indexOf('\0');
  return end === -1 ? field : field.slice(0, end);
};

export function* filesOf(archive: Uint8Array): Generator<ArchivedFile> {
  let at = 0;
  while (at + BLOCK <= archive.length && archive[at] !== 0) {
    const path = text(archive, at, NAME);
    const size = Number.parseInt(text(archive, at + SIZE_AT, SIZE_DIGITS).trim(), 8);
    if (!Number.isSafeInteger(size)) throw new Error(`not a tar archive at byte ${at}`);
    const type = String.fromCharCode(archive[at + TYPE_AT] ?? 0);
    const begin = at + BLOCK;
    if (begin + size > archive.length) throw new Error(`the archive ends inside ${path}`);
    if (FILE_TYPES.includes(type)) yield { path, bytes: archive.subarray(begin, begin + size) };
    at = begin + Math.ceil(size / BLOCK) * BLOCK;
  }
}
