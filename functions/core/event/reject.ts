/** Why an event is refused: a closed set of words for machines, each with a sentence for people. */
export const REJECT_REASONS = [
  'not_an_object',
  'wrong_type',
  'no_user',
  'no_name',
  'name_too_long',
  'unknown_kind',
  'bad_id',
  'id_too_long',
  'bad_timestamp',
  'bad_number',
  'too_deep',
  'too_many_keys',
  'too_large',
] as const;
export type RejectReason = (typeof REJECT_REASONS)[number];

export interface Reject {
  readonly reason: RejectReason;
  readonly detail: string;
}

export const reject = (reason: RejectReason, detail: string): Reject => ({ reason, detail });

export const isReject = (value: object): value is Reject => 'reason' in value && 'detail' in value;
