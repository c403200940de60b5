/** UCI Online Retail (Daqing Chen, 2015; CC BY 4.0): a year of orders of a wholesaler of gifts. */
import { days, type EpochMs, epochMs, floorTo, fromRfc3339 } from '../../functions/core/time.ts';
import { type Act, type DataSet, itemsOf, ROWS_MAX } from '../act.ts';
import { csvRows } from './csv.ts';

export const ONLINE_RETAIL_HEAD = 'InvoiceNo';
/** Postage, fees and corrections have codes of letters. */
const PRODUCT = /^\d{5}/;
const PART_DAYS = 28;

type Row = Readonly<Record<string, string>>;

const isSale = (row: Row): boolean =>
  row.CustomerID !== '' &&
  !(row.InvoiceNo ?? '').startsWith('C') &&
  Number(row.Quantity) > 0 &&
  Number(row.UnitPrice) > 0 &&
  PRODUCT.test(row.StockCode ?? '');

interface Order {
  readonly user: string;
  readonly at: EpochMs;
  readonly items: Set<string>;
}

const addLine = (orders: Map<string, Order>, row: Row): void => {
  const { InvoiceNo = '', StockCode = '', InvoiceDate = '', CustomerID = '' } = row;
  const order = orders.get(InvoiceNo);
  if (order !== undefined) {
    order.items.add(StockCode);
    return;
  }
  const at = fromRfc3339(InvoiceDate);
  if (at === undefined) throw new Error(`order ${InvoiceNo} has no time: "${InvoiceDate}"`);
  orders.set(InvoiceNo, { user: CustomerID, at, items: new Set([StockCode]) });
};

const ordersOf = (files: Iterable<string>): readonly Order[] => {
  const orders = new Map<string, Order>();
  let rows = 0;
  for (const text of files) {
    for (const row of csvRows(text)) {
      rows += 1;
      if (rows > ROWS_MAX) throw new Error(`more than ${ROWS_MAX} rows`);
      if (isSale(row)) addLine(orders, row);
    }
  }
  return [...orders.values()].sort((left, right) => left.at - right.at);
};

/** Files in the order of their days. */
export const onlineRetail = (files: Iterable<string>): DataSet => {
  const acts: readonly Act[] = ordersOf(files).map(({ user, at, items }) => ({
    user,
    at,
    event: 'Order Completed',
    items: [...items],
  }));
  const last = acts.at(-1);
  if (last === undefined) throw new Error('Online Retail has no order');
  const testFrom = epochMs(floorTo(last.at, days(1)) - days(PART_DAYS));
  return {
    name: 'Online Retail',
    source: 'UCI Online Retail, Daqing Chen, 2015, CC BY 4.0',
    preset: 'commerce',
    acts,
    items: itemsOf(acts),
    validation: { from: epochMs(testFrom - days(PART_DAYS)), to: testFrom },
    test: { from: testFrom, to: epochMs(last.at + 1) },
    knownOnly: false,
    targets: [
      { name: 'all items', newOnly: false },
      { name: 'items new to the customer', newOnly: true },
    ],
    outlivesLists: false,
  };
};
