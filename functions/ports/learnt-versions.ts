/**
 * Up to which version of a user's profile pairs were learnt, for as long as the table's stream may
 * deliver it again. Versions of a user come in their order, so the newest says it of all before.
 */
export interface LearntVersions {
  /**
   * Takes each user's newest version for learnt from now on, and answers up to which it was before;
   * 0 where none was. Whoever claims first learns: what is lost between both is drift, allowed.
   */
  readonly claim: (
    tenant: string,
    newest: ReadonlyMap<string, number>,
  ) => Promise<ReadonlyMap<string, number>>;
}

/** A record of a table's stream is there for 24 h. */
export const CLAIM_MS = 25 * 3_600_000;
