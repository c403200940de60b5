import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where a tool of the checks lives, or undefined: its tests are then skipped by name. */
export const onPath = (command: string): string | undefined =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, command))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
