/** A call that hangs is a call that failed: the spill queue after it must still have its time. */
export const PATIENCE = {
  connectionTimeout: 1_000,
  requestTimeout: 2_000,
  throwOnRequestTimeout: true,
} as const;
