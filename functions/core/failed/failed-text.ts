/** Failed events as lines for people: a hash for a user, so that a list may be passed around. */
import type {
  FailedEntry,
  FailedGroup,
  FailedShown,
  RedriveAnswer,
  Redriven,
} from './failed-schemas.ts';

const COLUMNS = { stage: 9, reason: 18, user: 8, at: 24, status: 13 } as const;

const becameOf = ({ outcomes, sentAt }: FailedEntry): string => {
  if (outcomes.length > 0) return outcomes.join(', ');
  return sentAt === undefined ? 'not sent' : `sent ${sentAt}`;
};

export const entryLine = (entry: FailedEntry): string =>
  [
    entry.stage.padEnd(COLUMNS.stage),
    entry.reason.padEnd(COLUMNS.reason),
    (entry.user ?? '-').padEnd(COLUMNS.user),
    (entry.arrivedAt ?? '-').padEnd(COLUMNS.at),
    entry.events === 1 ? '' : `${entry.events} events`,
    becameOf(entry),
    entry.key,
  ]
    .filter((part) => part !== '')
    .join('  ');

export const groupLine = ({
  stage,
  reason,
  objects,
  events,
  oldest,
  newest,
  example,
}: FailedGroup) =>
  [
    String(events).padStart(7),
    'events in',
    String(objects).padStart(6),
    'objects ',
    stage.padEnd(COLUMNS.stage),
    reason.padEnd(COLUMNS.reason),
    `${oldest ?? '-'} … ${newest ?? '-'}`,
    ` such as ${example}`,
  ].join(' ');

export const shownLines = ({ bytes, ...entry }: FailedShown): readonly string[] => [
  entryLine(entry),
  ...bytes.flatMap(({ reason, detail, trace, partitionKey, text, base64 }) => [
    '',
    `${reason}: ${detail}`,
    ...(partitionKey === undefined ? [] : [`of ${partitionKey}`]),
    ...(trace === undefined ? [] : [trace]),
    text ?? `base64 ${base64 ?? ''}`,
  ]),
];

export const redrivenLine = ({ key, status, as, events, refused }: Redriven): string =>
  [
    status.replaceAll('_', ' ').padEnd(COLUMNS.status),
    status === 'sent' || status === 'would_be_sent'
      ? `${events} by ${as}`.padEnd(14)
      : '-'.padEnd(14),
    key,
    ...refused.slice(0, 1).map(({ why, detail }) => `(${why}: ${detail})`),
    ...(refused.length > 1 ? [`and ${refused.length - 1} more`] : []),
  ].join('  ');

export const sumLine = (answers: readonly RedriveAnswer[], dryRun: boolean): string => {
  const all = answers.flatMap(({ redriven }) => redriven);
  const of = (...statuses: readonly Redriven['status'][]): readonly Redriven[] =>
    all.filter(({ status }) => statuses.includes(status));
  const sent = of('sent', 'would_be_sent');
  const events = sent.reduce((sum, one) => sum + one.events, 0);
  const parts = [
    `${events} events of ${sent.length} objects ${dryRun ? 'would be sent' : 'sent'}`,
    `${of('refused').length} for people to look at`,
    `${of('sent_before').length} sent before`,
    `${of('not_stored').length} not stored`,
  ];
  return parts.filter((part, place) => place === 0 || !part.startsWith('0 ')).join(', ');
};
