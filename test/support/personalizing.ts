/** The function `personalize` over memory, of which a test gives what it looks at. */
import { memoryAvailability } from '../../functions/adapters/memory-availability.ts';
import { memoryCatalogueStore } from '../../functions/adapters/memory-catalogue-store.ts';
import { memoryItemLists } from '../../functions/adapters/memory-item-lists.ts';
import { memoryKeyStore } from '../../functions/adapters/memory-key-store.ts';
import { MemoryProfileReader } from '../../functions/adapters/memory-profile-reader.ts';
import { readItem } from '../../functions/core/catalogue/item.ts';
import type { ItemInput } from '../../functions/core/catalogue/item-schemas.ts';
import { lookupTables } from '../../functions/core/enrichment/lookup-tables.ts';
import { compileProfile } from '../../functions/core/profile/facets.ts';
import type { Catalogue } from '../../functions/core/recommend/catalogue.ts';
import { recommendConfigOf } from '../../functions/core/recommend/settings.ts';
import { type EpochMs, epochMs } from '../../functions/core/time.ts';
import { type PersonalizePorts, personalize } from '../../functions/personalize/personalize.ts';
import { authorize } from '../../functions/runtime/authorize.ts';
import { type GatherPorts, gatherLearnt } from '../../functions/runtime/gather-learnt.ts';
import { stillAvailable } from '../../functions/runtime/still-available.ts';
import { config } from '../../tributary.config.ts';
import { httpRequest, KEYS, keyRows } from './collecting.ts';
import { shelf, shelfItem } from './shelf.ts';

export const TEAS = ['tea-1', 'tea-2', 'tea-3', 'tea-4', 'tea-5', 'tea-6', 'tea-7', 'tea-8'];
export const TOYS = ['toy-1', 'toy-2', 'toy-3', 'toy-4', 'toy-5', 'toy-6', 'toy-7', 'toy-8'];

/** Two shelves, as a snapshot says, and their rows, in which anything may have happened since. */
export const smallShop = async (at: EpochMs) => {
  const rows = memoryCatalogueStore();
  const stock = [...TEAS, ...TOYS].map((id) => ({ id, category: id.slice(0, 3).toUpperCase() }));
  for (const { id, category } of stock) {
    await rows.put('main', [readItem({ id, categories: [category] }) as ItemInput], at);
  }
  const catalogue = shelf(
    ...stock.map(({ id, category }) => shelfItem(id, { categories: [category], createdAt: at })),
  );
  return { rows, catalogue };
};

export interface Personalizing {
  readonly at: EpochMs;
  readonly catalogue?: Catalogue;
  readonly rows?: ReturnType<typeof memoryCatalogueStore>;
  readonly gather?: Partial<GatherPorts>;
  readonly more?: Partial<PersonalizePorts>;
}

export const personalizing = ({
  at,
  catalogue = shelf(),
  rows = memoryCatalogueStore(),
  gather = {},
  more = {},
}: Personalizing) => {
  const profiles = new MemoryProfileReader();
  const faults: string[] = [];
  const fault = (message: string): void => {
    faults.push(message);
  };
  const ports: PersonalizePorts = {
    profiles,
    catalogueOf: async (tenant) => (tenant === 'main' ? catalogue : shelf()),
    gather: gatherLearnt({ lists: memoryItemLists(), now: () => at, fault, ...gather }),
    stillAvailable: stillAvailable({ rows: memoryAvailability(rows), now: () => at, fault }),
    definitions: compileProfile(config),
    config: recommendConfigOf({ preset: 'commerce', explore: 0 }),
    tables: lookupTables,
    money: { currency: 'USD', rates: {} },
    limits: config.limits,
    corsOrigins: config.corsOrigins,
    newId: () => 'decision-1',
    authorize: authorize(memoryKeyStore(keyRows())),
    ...more,
  };
  const serve = personalize(ports);

  /** As the front hands it over. */
  const ask = async (
    line: string,
    body: unknown = undefined,
    key: keyof typeof KEYS | 'none' = 'server',
  ) => {
    const [method = '', target = ''] = line.split(' ');
    const [path = '', query = ''] = target.split('?');
    const userId = /^\/api\/recommendations\/(.+)$/.exec(path)?.[1];
    const id = /^\/v1\/items\/(.+)\/similar$/.exec(path)?.[1];
    const text = typeof body === 'string' ? body : JSON.stringify(body ?? '');
    const answer = await serve(
      httpRequest({
        method,
        path,
        query: new URLSearchParams(query),
        pathParameters: { ...(userId && { userId }), ...(id && { id }) },
        headers: key === 'none' ? {} : { authorization: `Bearer ${KEYS[key]}` },
        body: new TextEncoder().encode(body === undefined ? '' : text),
        receivedAtMs: at,
      }),
    );
    return { status: answer.statusCode, headers: answer.headers, json: JSON.parse(answer.body) };
  };
  return { ask, serve, profiles, faults, definitions: ports.definitions, at: epochMs(at) };
};
