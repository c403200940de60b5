import { epochMs, toRfc3339 } from '../time.ts';
import { isClosed, type LedgerMinute, type LedgerReport } from './ledger.ts';
import type { Unit } from './ledger-lines.ts';
import type { Suspect, Unasked } from './ledger-suspects.ts';
import type { IncompleteRequest, UnitLoss } from './ledger-units.ts';

const NAMED_MAX = 20;
const EVENTS_NAMED_MAX = 5;
const COLUMNS = ['landed', 'applied', 'duplicate', 'parked', 'gap'] as const;
const WIDTH = 10;

const instantText = (ms: number): string => toRfc3339(epochMs(ms)).slice(0, 16);
const minuteStart = (minute: number): string => instantText(minute * 60_000);

const minuteLine = (minute: LedgerMinute): string => {
  const counts = COLUMNS.map((name) => String(minute[name]).padStart(WIDTH)).join('');
  return `${minuteStart(minute.minute)}  ${minute.tenant.padEnd(WIDTH)}${counts}`;
};

const named = (lines: readonly string[], max = NAMED_MAX): readonly string[] =>
  lines.length <= max ? lines : [...lines.slice(0, max), `… and ${lines.length - max} more`];

const partText = ({ part, partitionKey }: Unit): string => `part ${part} of ${partitionKey}`;

const incompleteLine = (request: IncompleteRequest): string => {
  const { requestId, receivedAt, found, envelopes, missing } = request;
  const whose = envelopes - found - missing.length;
  const what = [
    ...named(missing.map(partText), EVENTS_NAMED_MAX),
    ...(whose > 0 ? [`${whose} of users of whom nothing arrived`] : []),
  ].join(', ');
  return `lost before enrich: request ${requestId} of ${instantText(receivedAt)} has ${found} of its ${envelopes} envelopes in raw/; missing: ${what}`;
};

const lossLine =
  (stage: string) =>
  (loss: UnitLoss): string => {
    const events = named(loss.events, EVENTS_NAMED_MAX).join(', ');
    return `${stage}: request ${loss.requestId} of ${instantText(loss.receivedAt)}, ${partText(loss)}, events ${events}`;
  };

const gapLine = ({ tenant, minute, gap }: LedgerMinute): string =>
  gap > 0
    ? `lost or in flight: ${gap} of the events of ${minuteStart(minute)}, tenant ${tenant}, landed and were not counted`
    : `counted and not landed: ${-gap} of the events of ${minuteStart(minute)}, tenant ${tenant}: counted twice, or not delivered to the lake yet`;

const suspectLine = (suspect: Suspect): string =>
  `${suspect.verdict === 'lost' ? 'lost in aggregate' : 'not read by aggregate (yet)'}: request ${suspect.requestId}, ${partText(suspect)}, event ${suspect.eventId}, arrived ${minuteStart(suspect.minute)}`;

export interface Named {
  readonly suspects: readonly Suspect[];
  readonly unasked: readonly Unasked[];
}

/** A gap is named by the events that their users do not know; what is left of it is a number. */
const explained = (minute: LedgerMinute, whom: Named): readonly string[] => {
  const isOfIt = (one: Suspect | Unasked): boolean =>
    one.tenant === minute.tenant && one.minute === minute.minute;
  const mine = whom.suspects.filter(isOfIt);
  const unasked = whom.unasked.filter(isOfIt).reduce((sum, { lines }) => sum + lines, 0);
  const told = mine.filter(({ verdict }) => verdict !== 'untold');
  const untold = mine.length - told.length;
  const rest = minute.gap - told.length;
  return [
    ...named(told.map(suspectLine)),
    ...(rest > 0 && untold > 0
      ? [`${rest} more, of ${untold} that their users have forgotten or never knew`]
      : []),
    ...(rest > 0 && unasked > 0
      ? [`${rest} more, maybe among ${unasked} of users who were not asked: take a shorter range`]
      : []),
    ...(rest > 0 && untold === 0 && unasked === 0
      ? [`${rest} more, which their users have counted: not counted by tally (yet), or lost in it`]
      : []),
  ].map((line) => `  ${line}`);
};

const gapLines = (minutes: readonly LedgerMinute[], whom: Named): readonly string[] =>
  minutes
    .filter(({ gap }) => gap !== 0)
    .flatMap((minute) => [gapLine(minute), ...explained(minute, whom)]);

/** The report as lines: every term by minute, then what is missing, then one line of totals. */
export const ledgerText = (
  report: LedgerReport,
  whom: Named = { suspects: [], unasked: [] },
): readonly string[] => {
  const { minutes, units, requests } = report;
  const landed = minutes.reduce((sum, minute) => sum + minute.landed, 0);
  return [
    `${'minute (UTC)'.padEnd(18)}${'tenant'.padEnd(WIDTH)}${COLUMNS.map((name) => name.padStart(WIDTH)).join('')}`,
    ...minutes.map(minuteLine),
    ...named(report.incomplete.map(incompleteLine)),
    ...named(report.notEnriched.map(lossLine('lost in enrich'))),
    ...named(report.notArchived.map(lossLine('in enriched/ and not in raw/ (yet)'))),
    ...gapLines(minutes, whom),
    `${isClosed(report) ? 'closed' : 'NOT CLOSED'}: ${requests} requests in ${units} envelopes, ${landed} events landed, ${report.unreadableRaw} lines of raw/ and ${report.unreadableEnriched} of enriched/ name no event`,
  ];
};
