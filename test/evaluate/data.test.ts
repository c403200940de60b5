import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inPart } from '../../evaluate/act.ts';
import { csvRows } from '../../evaluate/data/csv.ts';
import { dataSetsIn } from '../../evaluate/data/found.ts';
import { movielens } from '../../evaluate/data/movielens.ts';
import { onlineRetail } from '../../evaluate/data/online-retail.ts';
import { plainCsv } from '../../evaluate/data/plain-csv.ts';
import { memberOf, readR } from '../../evaluate/data/r-data.ts';
import { filesOf } from '../../evaluate/data/tar.ts';
import { fromRfc3339 } from '../../functions/core/time.ts';
import { integers, named, packaged, reals, strings, written } from './r-bytes.ts';

const quoted = (field: string): string =>
  /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
const field = fc.string({
  unit: fc.constantFrom('a', 'b', ',', '"', '\n', ' ', 'ä'),
  maxLength: 8,
});

test('what was written as CSV is read again, whatever the fields hold', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(field, field, field), { maxLength: 8 }), (rows) => {
      const text = [['x', 'y', 'z'], ...rows].map((row) => row.map(quoted).join(',')).join('\n');
      const read = [...csvRows(text)].map(({ x, y, z }) => [x, y, z]);
      expect(read).toEqual(rows);
    }),
  );
  expect([...csvRows('a,b\r\n1,\r\n')]).toEqual([{ a: '1', b: '' }]);
  expect(() => [...csvRows('a\n"open')]).toThrow('inside quotes');
  expect(() => [...csvRows('a\n"x"y')]).toThrow('a quote ends inside a field');
});

const RETAIL_HEAD =
  'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
const RETAIL = `${RETAIL_HEAD}
1,85123A,"HOLDER, WHITE",6,2011-10-01 08:26:00,2.55,17.0,France
1,71053,LANTERN,6,2011-10-01 08:26:00,3.39,17.0,France
1,85123A,"HOLDER, WHITE",1,2011-10-01 08:26:00,2.55,17.0,France
2,POST,POSTAGE,1,2011-10-02 08:26:00,18.0,17.0,France
C3,71053,LANTERN,-6,2011-10-03 08:26:00,3.39,17.0,France
4,71053,LANTERN,0,2011-10-03 08:26:00,3.39,17.0,France
5,71053,LANTERN,1,2011-10-03 08:26:00,0.0,17.0,France
6,71053,LANTERN,1,2011-10-03 08:26:00,1.0,,France
7,71053,LANTERN,1,2011-12-09 12:50:00,1.0,18.0,France
`;

test('an order is what was sold to a customer: no fees, returns, gifts or strangers', () => {
  const { acts, test: part, validation, items } = onlineRetail([RETAIL]);
  expect(acts.map(({ user, items: lines }) => [user, lines])).toEqual([
    ['17.0', ['85123A', '71053']],
    ['18.0', ['71053']],
  ]);
  expect(items).toBe(2);
  expect(part.from).toBe(fromRfc3339('2011-11-11'));
  expect(validation).toEqual({ from: fromRfc3339('2011-10-14'), to: part.from });
  expect(acts.map(({ at }) => inPart(part, at))).toEqual([false, true]);
});

test('a plain CSV gives one act for what a user did at one instant', () => {
  const { acts } = plainCsv(
    'own.csv',
    'time,user,item,type\n1700000000,u,a,purchase\n2023-11-14T22:13:20Z,u,b,purchase\n1700000000000,u,a,purchase\n1699999999,v,c,\n',
  );
  expect(acts).toEqual([
    { user: 'v', at: 1_699_999_999_000, event: 'Product Viewed', items: ['c'] },
    { user: 'u', at: 1_700_000_000_000, event: 'Order Completed', items: ['a', 'b'] },
  ]);
});

test.each([
  ['user,item,time\n,a,1\n', 'line 2 names no user or no item'],
  ['user,item,time\nu,a,yesterday\n', 'line 2 has no time: "yesterday"'],
  ['user,item,time,type\nu,a,1,stare\n', 'line 2 has an unknown type: "stare"'],
  ['user,item,time\n', 'own.csv has no rows'],
])('a row that says too little is refused: %j', (text, message) => {
  expect(() => plainCsv('own.csv', text)).toThrow(message);
});

test('R’s vectors, strings and names are read in both versions; what is unknown is refused', () => {
  const frame = named([
    ['n', integers([1, -2])],
    ['x', reals([0.5, 3e9])],
    ['s', strings(['ä', ''])],
  ]);
  for (const version of [2, 3] as const) {
    const read = readR(written(frame, version));
    expect(memberOf(read, 'n').values).toEqual([1, -2]);
    expect(memberOf(read, 'x').values).toEqual([0.5, 3e9]);
    expect(memberOf(read, 's').values).toEqual(['ä', '']);
    expect(() => memberOf(read, 'y')).toThrow('there is no "y"');
  }
  expect(() => readR(Buffer.from('A\n'))).toThrow('binary format');
  expect(() => readR(written(Buffer.from([0, 0, 0, 15])))).toThrow('type 15');
});

test('MovieLens is its ratings of 4 and more, by time; the part begins at half of all ratings', () => {
  const { index, base } = packaged(
    'movielens',
    written(
      named([
        ['movieId', integers([10, 20, 30, 40])],
        ['userId', integers([1, 1, 2, 1])],
        ['rating', reals([5, 3.5, 4, 4.5])],
        ['timestamp', integers([300, 100, 200, 400])],
      ]),
    ),
  );
  const { acts, test: part } = movielens(index, base);
  expect(acts.map(({ user, at, items }) => [user, at, ...items])).toEqual([
    ['2', 200_000, '30'],
    ['1', 300_000, '10'],
    ['1', 400_000, '40'],
  ]);
  expect(part).toEqual({ from: 300_000, to: 400_001 });
});

test('a folder’s data sets are found by what they look like, in an archive or beside it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-evaluate-'));
  try {
    writeFileSync(join(folder, '2011-12-09.csv'), RETAIL);
    execFileSync('tar', ['czf', 'days.tar.gz', '2011-12-09.csv'], { cwd: folder });
    rmSync(join(folder, '2011-12-09.csv'));
    writeFileSync(join(folder, 'own.csv'), 'user,item,time\nu,a,1\n');
    writeFileSync(join(folder, 'other.csv'), 'a,b\n1,2\n');
    expect(dataSetsIn(folder).map(({ name }) => name)).toEqual(['Online Retail', 'own.csv']);
    const archive = join(folder, 'plain.tar');
    execFileSync('tar', ['cf', archive, 'own.csv', 'other.csv'], { cwd: folder });
    const files = [...filesOf(readFileSync(archive))];
    expect(files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()])).toEqual([
      ['own.csv', 'user,item,time\nu,a,1\n'],
      ['other.csv', 'a,b\n1,2\n'],
    ]);
    expect(() => [...filesOf(readFileSync(archive).subarray(0, 515))]).toThrow('ends inside');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
