/** The function `admin` over memory, of which a test gives what it looks at. */
import { memoryCatalogueStore } from '../../functions/adapters/memory-catalogue-store.ts';
import { memoryFailedArchive } from '../../functions/adapters/memory-failed-store.ts';
import { admin } from '../../functions/admin/admin.ts';
import { lookupTables } from '../../functions/core/enrichment/lookup-tables.ts';
import type { CatalogueStore } from '../../functions/ports/catalogue-store.ts';
import type { KeyStore } from '../../functions/ports/key-store.ts';
import { authorize } from '../../functions/runtime/authorize.ts';

export const adminOf = ({
  keys,
  catalogue = memoryCatalogueStore(),
}: {
  readonly keys: KeyStore;
  readonly catalogue?: CatalogueStore;
}) =>
  admin({
    catalogue,
    archive: memoryFailedArchive(new Map()),
    stream: { put: () => Promise.reject(new Error('nothing is to be put')) },
    tables: lookupTables,
    money: { currency: 'USD', rates: {} },
    authorize: authorize(keys),
    now: () => 0,
    sleep: async () => undefined,
  });
