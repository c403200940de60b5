/** Values that merge in any grouping and any order: what lets slices of history be added up. */
export interface CommutativeMonoid<T> {
  readonly empty: T;
  readonly merge: (left: T, right: T) => T;
}
