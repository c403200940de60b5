/** Columns until the core says them. */
export type ColumnType = 'string' | 'long' | 'double' | 'boolean' | 'int';
export interface LakeTable {
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly partitionedBy: readonly string[];
}

const row = {
  part: 'string',
  amount: 'long',
  instant: 'long',
  tie: 'string',
  text: 'string',
  score: 'double',
} as const;

export const LAKE_TABLES = {
  events: {
    columns: {
      tenant: 'string',
      profile_key: 'string',
      line_key: 'string',
      arrival_day: 'string',
      event_id: 'string',
      event: 'string',
      dup: 'boolean',
      again: 'boolean',
    },
    partitionedBy: ['arrival_day'],
  },
  user_day: {
    columns: {
      tenant: 'string',
      profile_key: 'string',
      version: 'string',
      event_day: 'string',
      arrival_day: 'string',
      ...row,
    },
    partitionedBy: ['arrival_day'],
  },
  user_total: {
    columns: {
      tenant: 'string',
      profile_key: 'string',
      version: 'string',
      event_day: 'string',
      through: 'string',
      ...row,
    },
    partitionedBy: [],
  },
  tags_loaded: {
    columns: {
      tenant: 'string',
      profile_key: 'string',
      version: 'string',
      amount: 'long',
      cut: 'string',
      run_id: 'string',
    },
    partitionedBy: [],
  },
} as const satisfies Readonly<Record<string, LakeTable>>;
