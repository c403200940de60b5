/**
 * A narrow row of a user as UNLOAD writes it: of a tag in `both` a tile by event day, of a tag in
 * `batch` the value itself.
 */
export interface LakeRow {
  readonly version: string;
  /** `2026-11-21`; empty for a lifetime and for a value. */
  readonly eventDay: string;
  /** The name that a `top` found, else empty. */
  readonly part: string;
  readonly amount: number | null;
  /** Epoch ms. */
  readonly instant: number | null;
  /** The event's id. */
  readonly tie: string | null;
  readonly text: string | null;
  /** log2 of a decayed sum. */
  readonly score: number | null;
}

export interface UserRows {
  readonly tenant: string;
  readonly user: string;
  readonly rows: readonly LakeRow[];
}
