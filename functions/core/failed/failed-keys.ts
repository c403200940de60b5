/**
 * Names of the objects of the failed bucket. A parked event lies under its stage and its raw
 * position; what became of its redrives lies under that same position in a folder beside the stages.
 */
import type { RawPosition } from '../event/event.ts';
import { FAILED_STAGES, type FailedStage } from './failed-event.ts';

/** Where Lambda itself chooses the keys of what a mapping gives up on. */
export const DISCARDED_FOLDER = 'aws/lambda/';
const OUTCOMES_FOLDER = 'failed/outcome/';
/** `failed/redriven/<key of the object>`: its events were sent on. */
const SENT_FOLDER = 'failed/redriven/';

/** What a listing walks through, in the bucket's own order. */
export const STAGE_FOLDERS = FAILED_STAGES.map((stage) => `failed/${stage}/`);

export type KeptStage = FailedStage | 'discarded';

/** Undefined for a key under which nothing failed is kept. */
export const stageOfKey = (key: string): KeptStage | undefined =>
  key.startsWith(DISCARDED_FOLDER)
    ? 'discarded'
    : FAILED_STAGES.find((stage) => key.startsWith(`failed/${stage}/`));

const pathOf = ({ stream, shard, sequence, index }: RawPosition): string =>
  `${stream}/${shard}/${sequence}/${index}`;

export const parkedKeyOf = (stage: FailedStage, at: RawPosition): string =>
  `failed/${stage}/${pathOf(at)}`;

/** Of all events of the raw record at this position. */
export const recordFolderOf = (stage: FailedStage, at: Omit<RawPosition, 'index'>): string =>
  `failed/${stage}/${at.stream}/${at.shard}/${at.sequence}/`;

export const outcomesFolderOf = (parked: RawPosition): string =>
  `${OUTCOMES_FOLDER}${pathOf(parked)}/`;

/** Each redrive has a raw position of its own, so each has an outcome that a redelivery overwrites. */
export const outcomeKeyOf = (parked: RawPosition, redrive: RawPosition): string =>
  `${outcomesFolderOf(parked)}${pathOf(redrive).replaceAll('/', '_')}`;

export const sentKeyOf = (key: string): string => `${SENT_FOLDER}${key}`;

const DIGITS = /^\d+$/;
const DIGITS_MAX = 56;

/** The bucket's order is that of text, where line 10 of a record comes before its line 2. */
export const comparableKey = (key: string): string =>
  key
    .split('/')
    .map((part) => (DIGITS.test(part) ? part.padStart(DIGITS_MAX, '0') : part))
    .join('/');
