/**
 * The items that a user was last told of as the best, and whose turn it is to be looked at again.
 * It may be forgotten at any time: then a page is told once more.
 */
export interface TopItems {
  /**
   * Of these users, those whose turn it is, which nobody else has for `TURN_MS`, each with the
   * items that were told last; none where nothing is known.
   */
  readonly claim: (
    tenant: string,
    users: readonly string[],
  ) => Promise<ReadonlyMap<string, readonly string[]>>;
  readonly put: (tenant: string, user: string, items: readonly string[]) => Promise<void>;
}

/** A user is told of at most once in it. */
export const TURN_MS = 5_000;
export const TOP_KEPT_MS = 7 * 86_400_000;
