/**
 * What one deployment of Tributary is made of, as a literal per size. A construct reads its part
 * and decides nothing; what a size costs at rest is computed from the same literal (floor.ts).
 */
export type SizeName = 'starter' | 'standard' | 'scale';

export type Capability =
  | 'collect'
  | 'drain'
  | 'enrich'
  | 'aggregate'
  | 'profile'
  | 'personalize'
  | 'project'
  | 'tally'
  | 'minute'
  | 'analytics'
  | 'admin'
  | 'nightly'
  | 'plan'
  | 'plan-load'
  | 'load'
  | 'reconcile';

export interface StreamConfig {
  readonly shards: number;
  readonly retentionHours: number;
}

/** How a function reads a stream; the rest of a mapping's options are the same in every size. */
export interface MappingConfig {
  readonly recordsMax: number;
  readonly windowSeconds: number;
  /** Batches at once per shard; the events of one user stay in order all the same. */
  readonly lanes: number;
}

export interface FunctionConfig {
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** Concurrency kept for this function alone; absent, it shares the account's. */
  readonly reserved?: number;
}

export interface BufferConfig {
  readonly seconds: number;
  readonly megabytes: number;
}

/** Reads and writes bought ahead; absent, a table is billed per request. */
export interface CapacityConfig {
  readonly readUnitsMin: number;
  readonly readUnitsMax: number;
  readonly writeUnitsMin: number;
  readonly writeUnitsMax: number;
  /** What the tables can take at once on their first day. */
  readonly warmReadUnits: number;
  readonly warmWriteUnits: number;
}

export interface LakeConfig {
  /** A statement that would read more than this of the lake is stopped, and billed for as much. */
  readonly scanGbMax: number;
}

/** What the nightly job writes into `profiles`, which takes the day's events beside it. */
export interface LoadConfig {
  /** Calls of `load`. */
  readonly atOnce: number;
  /** By each of them. */
  readonly writesPerSecond: number;
}

export type CacheConfig =
  | {
      readonly kind: 'serverless';
      readonly storageGbMax: number;
      readonly ecpuPerSecondMax: number;
    }
  | {
      readonly kind: 'nodes';
      readonly nodeType: NodeType;
      readonly shards: number;
      readonly replicasPerShard: number;
    };

export type NodeType = 'cache.r7g.large';

export interface PlatformConfig {
  readonly size: SizeName;
  readonly streams: {
    readonly raw: StreamConfig;
    readonly enriched: StreamConfig;
    /** The change feed of profiles; starter has none. */
    readonly updates?: StreamConfig;
  };
  readonly mappings: Readonly<Record<'enrich' | 'aggregate' | 'project' | 'tally', MappingConfig>>;
  readonly functions: Readonly<Record<Capability, FunctionConfig>>;
  /** Calls of `drain` at once: after an outage the stream must keep room for what arrives. */
  readonly drainsAtOnce: number;
  /** A row per envelope for 30 days, so that a person sees what moved a profile. */
  readonly timeline: boolean;
  /** Whoever reads `user-profile-updates` is told when a user's best items change. */
  readonly tellsRecommendations: boolean;
  readonly capacity?: CapacityConfig;
  /** Without a cache there is no network either. */
  readonly cache?: CacheConfig;
  readonly archive: BufferConfig;
  readonly lake: LakeConfig;
  readonly loads: LoadConfig;
  /** One customer key for streams, tables, buckets and topics; absent, AWS's own keys. */
  readonly customerKey: boolean;
  readonly alarms: boolean;
  /** Keeps data when a stack goes, and refuses to delete it; absent, everything goes. */
  readonly protect: boolean;
  /** The stage's hard limit over all keys, behind the token bucket per key in `collect`. */
  readonly throttle: { readonly requestsPerSecond: number; readonly burst: number };
  readonly logRetentionDays: 7 | 30;
}

/** What would expire unseen lands in the failed bucket this long before it would. */
export const RECORD_AGE_MARGIN_HOURS = 2;

const functions = {
  collect: { memoryMb: 512, timeoutSeconds: 15 },
  drain: { memoryMb: 512, timeoutSeconds: 20 },
  enrich: { memoryMb: 1024, timeoutSeconds: 60 },
  aggregate: { memoryMb: 1769, timeoutSeconds: 60 },
  profile: { memoryMb: 512, timeoutSeconds: 10 },
  // Holds catalogues and lists of items.
  personalize: { memoryMb: 1024, timeoutSeconds: 10 },
  project: { memoryMb: 512, timeoutSeconds: 60 },
  tally: { memoryMb: 512, timeoutSeconds: 60 },
  // Holds a catalogue of a hundred thousand items, twice.
  minute: { memoryMb: 1024, timeoutSeconds: 60 },
  analytics: { memoryMb: 512, timeoutSeconds: 10 },
  // Reads up to a thousand objects and puts up to a hundred users' events, one after the other.
  admin: { memoryMb: 512, timeoutSeconds: 28 },
  nightly: { memoryMb: 512, timeoutSeconds: 28 },
  plan: { memoryMb: 512, timeoutSeconds: 60 },
  'plan-load': { memoryMb: 512, timeoutSeconds: 60 },
  // Stops at 80 % of its time with a cursor, and is called again.
  load: { memoryMb: 1024, timeoutSeconds: 60 },
  // Reads the state of up to ten thousand users.
  reconcile: { memoryMb: 1024, timeoutSeconds: 60 },
} as const;

const mappings = {
  enrich: { recordsMax: 500, windowSeconds: 0, lanes: 1 },
  aggregate: { recordsMax: 1000, windowSeconds: 0, lanes: 1 },
  // One lane in every size: a user's versions are told in the order of their shard.
  project: { recordsMax: 500, windowSeconds: 0, lanes: 1 },
  // And a row's order is that of its shard.
  tally: { recordsMax: 500, windowSeconds: 0, lanes: 1 },
} as const;

export const sizes = {
  /** To try it: nothing that costs while nobody uses it, but for two shards. */
  starter: {
    size: 'starter',
    streams: {
      raw: { shards: 1, retentionHours: 24 },
      enriched: { shards: 1, retentionHours: 24 },
    },
    mappings,
    functions,
    drainsAtOnce: 2,
    timeline: true,
    tellsRecommendations: false,
    archive: { seconds: 60, megabytes: 64 },
    lake: { scanGbMax: 50 },
    loads: { atOnce: 4, writesPerSecond: 500 },
    customerKey: false,
    alarms: false,
    protect: false,
    throttle: { requestsPerSecond: 5000, burst: 10_000 },
    logRetentionDays: 7,
  },
  /** The default: about 1,000 events a second, three days to mend a fault, alarms, a cache. */
  standard: {
    size: 'standard',
    streams: {
      raw: { shards: 1, retentionHours: 72 },
      enriched: { shards: 1, retentionHours: 72 },
      updates: { shards: 1, retentionHours: 24 },
    },
    mappings,
    functions,
    drainsAtOnce: 2,
    timeline: true,
    tellsRecommendations: true,
    cache: { kind: 'serverless', storageGbMax: 5, ecpuPerSecondMax: 10_000 },
    archive: { seconds: 60, megabytes: 64 },
    lake: { scanGbMax: 500 },
    loads: { atOnce: 4, writesPerSecond: 500 },
    customerKey: true,
    alarms: true,
    protect: true,
    throttle: { requestsPerSecond: 5000, burst: 10_000 },
    logRetentionDays: 30,
  },
  /** 100,000 events/s in requests of ten, at half of its shards: 64 and 90 MB/s (docs/cost.md). */
  scale: {
    size: 'scale',
    streams: {
      raw: { shards: 136, retentionHours: 72 },
      enriched: { shards: 192, retentionHours: 72 },
      updates: { shards: 20, retentionHours: 24 },
    },
    mappings: {
      ...mappings,
      enrich: { ...mappings.enrich, lanes: 4 },
      aggregate: { ...mappings.aggregate, windowSeconds: 1, lanes: 4 },
    },
    functions: {
      collect: { ...functions.collect, reserved: 400 },
      // A queue's mapping calls at least two at once, and gives up on a function with fewer.
      drain: { ...functions.drain, reserved: 10 },
      // A mapping runs at most shards x lanes batches at once; less would only slow it down.
      enrich: { ...functions.enrich, reserved: 544 },
      aggregate: { ...functions.aggregate, reserved: 768 },
      profile: { ...functions.profile, reserved: 200 },
      personalize: { ...functions.personalize, reserved: 200 },
      // One call at once per shard of the table's stream: about one a thousand writes/s.
      project: { ...functions.project, reserved: 60 },
      tally: { ...functions.tally, reserved: 60 },
      // One call a minute, and the one before it.
      minute: { ...functions.minute, reserved: 2 },
      analytics: { ...functions.analytics, reserved: 20 },
      // A person at a time.
      admin: { ...functions.admin, reserved: 5 },
      nightly: { ...functions.nightly, reserved: 5 },
      plan: { ...functions.plan, reserved: 5 },
      'plan-load': { ...functions['plan-load'], reserved: 2 },
      load: { ...functions.load, reserved: 40 },
      reconcile: { ...functions.reconcile, reserved: 2 },
    },
    drainsAtOnce: 10,
    // One write more for each write of a profile, at 10,000 envelopes a second.
    timeline: false,
    // A ranking for each change that is five seconds after the last is a fleet of its own.
    tellsRecommendations: false,
    capacity: {
      readUnitsMin: 500,
      readUnitsMax: 40_000,
      writeUnitsMin: 500,
      writeUnitsMax: 40_000,
      warmReadUnits: 20_000,
      warmWriteUnits: 40_000,
    },
    cache: { kind: 'nodes', nodeType: 'cache.r7g.large', shards: 2, replicasPerShard: 1 },
    archive: { seconds: 60, megabytes: 128 },
    // A day of arrival is compared with the keys of thirty, 8 TB of them (docs/cost.md).
    lake: { scanGbMax: 20_000 },
    // 12,000 users a second, beside the 28,000 units that 100,000 events take.
    loads: { atOnce: 40, writesPerSecond: 300 },
    customerKey: true,
    alarms: true,
    protect: true,
    throttle: { requestsPerSecond: 20_000, burst: 40_000 },
    logRetentionDays: 30,
  },
} as const satisfies Readonly<Record<SizeName, PlatformConfig>>;

/** The first size that anybody named wins: the command line, then tributary.config.ts. */
export const sizeNamed = (...wishes: readonly unknown[]): PlatformConfig => {
  const wish = wishes.find((size) => size !== undefined) ?? 'standard';
  const found: PlatformConfig | undefined = Object.values(sizes).find(({ size }) => size === wish);
  if (found !== undefined) return found;
  throw new Error(`unknown size "${String(wish)}": take one of ${Object.keys(sizes).join(', ')}`);
};
