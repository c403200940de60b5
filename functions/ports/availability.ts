/** Whether items may be had right now, as their rows in the catalogue say. */
export interface Availability {
  /** Of those that have a row. */
  readonly read: (
    tenant: string,
    items: readonly string[],
  ) => Promise<ReadonlyMap<string, boolean>>;
}
