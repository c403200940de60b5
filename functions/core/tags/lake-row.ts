/** What the nightly job says of a user, row by row: the tiles of a version, or its value. */
export interface LakeRow {
  readonly version: string;
  /** `2026-11-21`; empty for a lifetime. */
  readonly eventDay: string;
  /** The value of a `top`, else empty. */
  readonly part: string;
  readonly amount: number | null;
  /** Epoch ms. */
  readonly instant: number | null;
  /** The event's id. */
  readonly tie: string | null;
  readonly text: string | null;
  /** log2 of a decayed score. */
  readonly score: number | null;
}
