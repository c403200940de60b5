import { decodeDemand, encodeDemand } from '../core/recommend/demand-codec.ts';
import { demandTtl } from '../core/recommend/demand-rows.ts';
import { mergeDemand, newDemandTable } from '../core/recommend/demand-table.ts';
import type { ItemDemand, ItemDemandReader } from '../ports/item-demand.ts';

/** Rows as the codec leaves them, so that what a row has no room for is missing here too. */
export const memoryItemDemand = (now: () => number = () => 0): ItemDemand & ItemDemandReader => {
  const rows = new Map<string, string>();
  const announced = new Map<string, number>();
  const keyOf = (tenant: string, minute: number): string => `${tenant}#${minute}#`;
  const isLive = (minute: number): boolean => demandTtl(minute) * 1_000 > now();
  return {
    announce: async ({ tenant, minute }) => {
      announced.set(tenant, Math.max(minute, announced.get(tenant) ?? minute));
    },
    add: async ({ tenant, shardId, minute, table }) => {
      const key = keyOf(tenant, minute) + shardId;
      const held = rows.get(key);
      const sum = held === undefined ? table : mergeDemand(decodeDemand(held), table);
      rows.set(key, encodeDemand(sum));
      return 'added';
    },
    tenants: async () =>
      [...announced]
        .filter(([, minute]) => isLive(minute))
        .map(([tenant, minute]) => ({ tenant, minute })),
    of: async (tenant, minute) =>
      [...rows]
        .filter(([key]) => key.startsWith(keyOf(tenant, minute)) && isLive(minute))
        .map(([, text]) => decodeDemand(text))
        .reduce(mergeDemand, newDemandTable()),
  };
};
