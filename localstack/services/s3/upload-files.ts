/** Multipart uploads on disk, until they are completed or aborted. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ObjectPersistence, ObjectStore, StoredPart, StoredUpload } from './fauxqs.ts';
import { writeWhole } from './whole-files.ts';

type UploadPersistence = Pick<
  ObjectPersistence,
  'insertMultipartUpload' | 'upsertMultipartPart' | 'deleteMultipartUpload'
>;

export interface UploadFiles extends UploadPersistence {
  readonly load: (store: ObjectStore) => void;
}

const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;

export const uploadFiles = (root: string): UploadFiles => {
  mkdirSync(root, { recursive: true });

  const loadUpload = (folder: string): StoredUpload => {
    const upload = readJson<StoredUpload>(join(folder, 'upload.json'));
    const parts = new Map<number, StoredPart>();
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.part.json'))) {
      const part = readJson<StoredPart>(join(folder, file));
      const body = readFileSync(join(folder, `${part.partNumber}.data`));
      parts.set(part.partNumber, { ...part, body, lastModified: new Date(part.lastModified) });
    }
    return { ...upload, parts, initiated: new Date(upload.initiated) };
  };

  return {
    load: (store) => {
      for (const uploadId of readdirSync(root)) {
        const folder = join(root, uploadId);
        // A kill may have left a folder without a description: an upload that nobody was told of.
        if (!existsSync(join(folder, 'upload.json'))) rmSync(folder, { recursive: true });
        else store.restoreMultipartUpload(loadUpload(folder));
      }
    },
    insertMultipartUpload: (upload) => {
      const folder = join(root, upload.uploadId);
      mkdirSync(folder, { recursive: true });
      writeWhole(join(folder, 'upload.json'), JSON.stringify({ ...upload, parts: undefined }));
    },
    upsertMultipartPart: (uploadId, { body, ...part }) => {
      const folder = join(root, uploadId);
      writeWhole(join(folder, `${part.partNumber}.data`), body);
      writeWhole(join(folder, `${part.partNumber}.part.json`), JSON.stringify(part));
    },
    deleteMultipartUpload: (uploadId) => {
      rmSync(join(root, uploadId), { recursive: true, force: true });
    },
  };
};
