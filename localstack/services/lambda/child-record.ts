/** Which child processes live, in files: what outlives its parent can be found and ended. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ChildRecord {
  readonly add: (pid: number | undefined) => void;
  readonly remove: (pid: number | undefined) => void;
}

export const childRecord = (folder: string): ChildRecord => {
  mkdirSync(folder, { recursive: true });
  return {
    add: (pid) => {
      if (pid !== undefined) writeFileSync(join(folder, String(pid)), '');
    },
    remove: (pid) => {
      if (pid !== undefined) rmSync(join(folder, String(pid)), { force: true });
    },
  };
};
