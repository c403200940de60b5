/** Where a key lies on disk: readable where it can be, never outside its folder, never two in one place. */
import { createHash } from 'node:crypto';

/** A file name has at most 255 bytes, suffixes included. */
const SEGMENT_BYTES_MAX = 180;

const UNSAFE = /[<>:"|?*\\%\p{Cc}]/gu;

const percent = (letter: string): string =>
  `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`;

const segmentPath = (segment: string): string => {
  // An empty segment and the dots would be lost in a path; "%2f" never comes from a letter.
  if (segment === '') return '%2f';
  if (segment === '.' || segment === '..') return segment.replaceAll('.', '%2e');
  const safe = segment.replace(UNSAFE, percent);
  if (Buffer.byteLength(safe) <= SEGMENT_BYTES_MAX) return safe;
  return `%h${createHash('sha256').update(segment).digest('hex')}`;
};

export const keyPath = (key: string): string => key.split('/').map(segmentPath).join('/');

/** A bucket's name from a resource's: lower case, at most 63 letters, still its own. */
export const bucketName = (physicalName: string): string => {
  const name = physicalName
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  if (name.length >= 3 && name.length <= BUCKET_LETTERS_MAX) return name;
  const hash = createHash('sha256').update(physicalName).digest('hex').slice(0, 8);
  return `${name.slice(0, BUCKET_LETTERS_MAX - hash.length - 1).replace(/-+$/, '')}-${hash}`.replace(
    /^-/,
    'b-',
  );
};

const BUCKET_LETTERS_MAX = 63;
