/** The data sets that lie in a folder, each known by what it looks like. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { DataSet } from '../act.ts';
import { headOf } from './csv.ts';
import { movielens } from './movielens.ts';
import { ONLINE_RETAIL_HEAD, onlineRetail } from './online-retail.ts';
import { PLAIN_HEAD, plainCsv } from './plain-csv.ts';
import { type ArchivedFile, filesOf } from './tar.ts';

/** Of a folder; it is the wrong one if it has more. */
export const FILES_MAX = 10_000;
const TAR_BYTES_MAX = 1_000_000_000;

interface Found {
  readonly retail: readonly ArchivedFile[];
  readonly plain: readonly ArchivedFile[];
  readonly index?: Uint8Array | undefined;
  readonly base?: Uint8Array | undefined;
}

const textOf = ({ bytes }: ArchivedFile): string => Buffer.from(bytes).toString('utf8');

/** An archive's files, or the file itself. */
const opened = (path: string): Iterable<ArchivedFile> => {
  if (path.endsWith('.tar.gz')) return filesOf(gunzipSync(readFileSync(path)));
  if (path.endsWith('.deb')) {
    return filesOf(
      execFileSync('dpkg-deb', ['--fsys-tarfile', path], { maxBuffer: TAR_BYTES_MAX }),
    );
  }
  return [{ path, bytes: readFileSync(path) }];
};

const isRead = (path: string): boolean => /\.(csv|tar\.gz|deb|rdb|rdx)$/.test(path);
const endOf = (path: string): string => path.split('/').slice(-3).join('/');

const sorted = (files: readonly ArchivedFile[]): Found => {
  const csv = files.filter(({ path }) => path.endsWith('.csv'));
  const headed = csv.map((file) => ({ file, head: headOf(textOf(file)) }));
  const named = (end: string) => files.find(({ path }) => endOf(path).endsWith(end))?.bytes;
  return {
    retail: headed.filter(({ head }) => head[0] === ONLINE_RETAIL_HEAD).map(({ file }) => file),
    plain: headed
      .filter(({ head }) => PLAIN_HEAD.every((name) => head.includes(name)))
      .map(({ file }) => file),
    index: named('dslabs/data/Rdata.rdx'),
    base: named('dslabs/data/Rdata.rdb'),
  };
};

/** By name, because the archive has its days in no order. */
const inOrder = (files: readonly ArchivedFile[]): readonly ArchivedFile[] =>
  files.toSorted((left, right) => (left.path < right.path ? -1 : 1));

export const dataSetsIn = (folder: string): readonly DataSet[] => {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(isRead);
  if (names.length > FILES_MAX) throw new Error(`${folder} has more than ${FILES_MAX} files`);
  const files = names.flatMap((name) => [...opened(join(folder, name))]);
  const { retail, plain, index, base } = sorted(files);
  return [
    ...(retail.length > 0 ? [onlineRetail(inOrder(retail).map(textOf))] : []),
    ...(index !== undefined && base !== undefined
      ? [movielens(Buffer.from(index), Buffer.from(base))]
      : []),
    ...inOrder(plain).map((file) => plainCsv(basename(file.path), textOf(file))),
  ];
};
