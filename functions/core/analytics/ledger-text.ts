import { epochMs, toRfc3339 } from '../time.ts';
import { isClosed, type LedgerMinute, type LedgerReport } from './ledger.ts';

const NAMED_MAX = 20;
const COLUMNS = ['landed', 'applied', 'duplicate', 'parked', 'gap'] as const;
const WIDTH = 10;

const minuteLine = (minute: LedgerMinute): string => {
  const at = toRfc3339(epochMs(minute.minute * 60_000)).slice(0, 16);
  const counts = COLUMNS.map((name) => String(minute[name]).padStart(WIDTH)).join('');
  return `${at}  ${minute.tenant.padEnd(WIDTH)}${counts}`;
};

const named = (lines: readonly string[]): readonly string[] =>
  lines.length <= NAMED_MAX
    ? lines
    : [...lines.slice(0, NAMED_MAX), `… and ${lines.length - NAMED_MAX} more`];

/** The report as lines: every term by minute, then what is missing, then one line of totals. */
export const ledgerText = (report: LedgerReport): readonly string[] => {
  const { minutes, units, requests, notEnriched, incomplete } = report;
  const gaps = minutes.filter(({ gap }) => gap !== 0);
  return [
    `${'minute (UTC)'.padEnd(18)}${'tenant'.padEnd(WIDTH)}${COLUMNS.map((name) => name.padStart(WIDTH)).join('')}`,
    ...minutes.map(minuteLine),
    ...named(
      incomplete.map(
        ({ requestId, found, envelopes }) =>
          `lost before enrich: request ${requestId} has ${found} of its ${envelopes} envelopes in raw/`,
      ),
    ),
    ...named(
      notEnriched.map(
        ({ requestId, partitionKey, part }) =>
          `lost in enrich: request ${requestId}, part ${part} of ${partitionKey} is in raw/ and not in enriched/`,
      ),
    ),
    ...named(
      gaps.map(({ tenant, minute, gap }) => {
        const at = toRfc3339(epochMs(minute * 60_000)).slice(0, 16);
        return gap > 0
          ? `lost in aggregate or in flight: ${gap} of the events of ${at}, tenant ${tenant}, landed and were not counted`
          : `counted and not landed: ${-gap} of the events of ${at}, tenant ${tenant}: counted twice, or not delivered to the lake yet`;
      }),
    ),
    `${isClosed(report) ? 'closed' : 'NOT CLOSED'}: ${requests} requests in ${units} envelopes, ${minutes.reduce((sum, { landed }) => sum + landed, 0)} events landed, ${report.unreadableRaw} lines of raw/ and ${report.unreadableEnriched} of enriched/ name no event`,
  ];
};
