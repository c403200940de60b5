/**
 * Quotas of Kinesis Data Streams, as its developer guide ("Quotas and limits") and the API reference
 * of each action state them for provisioned streams.
 */
export const RECORDS_PER_CALL_MAX = 500;
export const CALL_BYTES_MAX = 10 * 1024 * 1024;
/** Data of one record; a stream's MaxRecordSizeInKiB can raise it on AWS, which we refuse. */
export const RECORD_BYTES_MAX = 1024 * 1024;
export const PARTITION_KEY_CHARACTERS_MAX = 256;
export const WRITE_BYTES_PER_SECOND = 1024 * 1024;
export const WRITE_RECORDS_PER_SECOND = 1000;
export const READ_CALLS_PER_SECOND = 5;
export const READ_BYTES_PER_SECOND = 2 * 1024 * 1024;
export const READ_RECORDS_MAX = 10_000;
export const READ_BYTES_MAX = 10 * 1024 * 1024;
export const ITERATOR_LIFE_MS = 5 * 60 * 1000;
export const RETENTION_HOURS_MIN = 24;
export const RETENTION_HOURS_MAX = 8760;
export const SHARDS_MAX = 500;
export const SHARDS_LISTED_MAX = 1000;

/**
 * Not a limit of AWS: what all streams together may hold in this process's memory. A put beyond it
 * is answered InternalFailure with a sentence; retention, `npm start -- --reset` or a higher cap
 * makes room. Nothing that was acknowledged is ever dropped for it.
 */
export const STORED_BYTES_MAX = 512 * 1024 * 1024;
