/** What the writers of the two tables cost. */

import { HOURS_PER_MONTH, PRICES } from './prices.ts';
import { type CostLine, monthly, type Rates } from './rates.ts';
import { BYTES_PER_GB, BYTES_PER_KB, writeUnits } from './volume.ts';

const READ_UNIT_BYTES = 4 * BYTES_PER_KB;
/** What DynamoDB adds to the bytes of each item that it keeps. */
const KEPT_ITEM_BYTES = 100;
const TIMELINE_KEPT_SECONDS = 30 * 86_400;

interface TableUse {
  readonly writer: string;
  readonly what: string;
  readonly writes: number;
  readonly reads: number;
}

/** On demand each unit has its price; bought ahead, what is needed above the least that is kept. */
const tableLines = (rates: Rates, uses: readonly TableUse[]): readonly CostLine[] => {
  const { capacity } = rates.config;
  const sum = (of: (use: TableUse) => number): number =>
    uses.reduce((total, use) => total + of(use), 0);
  const [writes, reads] = [sum((use) => use.writes), sum((use) => use.reads)];
  const bought = (units: number, least: number, price: number): number =>
    Math.max(0, units / rates.assumed.tableUse - least) * price * HOURS_PER_MONTH;
  return uses.map(({ writer, what, ...use }) => {
    if (capacity === undefined) {
      const usd = monthly(use.writes) * PRICES.writeUnit + monthly(use.reads) * PRICES.readUnit;
      return { writer, what, usd };
    }
    const ofWrites = bought(writes, capacity.writeUnitsMin, PRICES.writeUnitHour);
    const ofReads = bought(reads, capacity.readUnitsMin, PRICES.readUnitHour);
    const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
    const usd = ofWrites * share(use.writes, writes) + ofReads * share(use.reads, reads);
    return { writer, what, usd };
  });
};

export const stateLines = (rates: Rates): readonly CostLine[] => {
  const { records, traffic } = rates;
  const readUnits = Math.ceil(traffic.itemBytes / READ_UNIT_BYTES) / 2;
  const traits = records * traffic.traitsShare;
  return tableLines(rates, [
    {
      writer: 'aggregate',
      what: 'state: one read, one write a record',
      writes: records * traffic.itemWriteUnits,
      reads: records * readUnits,
    },
    { writer: 'aggregate', what: 'traits', writes: traits, reads: traits / 2 },
  ]);
};

/** The table `records`: what is bought ahead is shared by all that write to it. */
export const rowLines = (rates: Rates): readonly CostLine[] => {
  const { config, records, tally, tallyShards, traffic } = rates;
  const { minute, day, feed } = traffic.tallyRowBytes;
  const rows = tally.perSecond * (writeUnits(minute) + writeUnits(day));
  const feeds = Math.min(tally.perSecond, tallyShards) * writeUnits(feed);
  const timeline = records * traffic.timelineRow.writeUnits;
  return tableLines(rates, [
    { writer: 'tally', what: 'rows of minutes and days', writes: rows, reads: 0 },
    { writer: 'tally', what: 'live feed', writes: feeds, reads: 0 },
    ...(config.timeline
      ? [{ writer: 'aggregate', what: 'timeline: a row a record', writes: timeline, reads: 0 }]
      : []),
  ]);
};

/** Once a rate has lasted for as long as rows are kept; the backup is of the table's bytes. */
export const timelineKeptLines = ({ config, records, traffic }: Rates): readonly CostLine[] => {
  if (!config.timeline) return [];
  const bytes = records * TIMELINE_KEPT_SECONDS * (traffic.timelineRow.bytes + KEPT_ITEM_BYTES);
  const price = PRICES.tableGbMonth + PRICES.backupGbMonth;
  const usd = (bytes / BYTES_PER_GB) * price;
  return [{ writer: 'aggregate', what: 'timeline: 30 days kept, with backup', usd }];
};
