/** What a bucket's lifecycle rules do on a day, decided from names and times alone. */
export interface LifecycleRule {
  readonly Status?: string;
  readonly Prefix?: string;
  readonly ExpirationInDays?: number;
  readonly Transitions?: readonly {
    readonly StorageClass: string;
    readonly TransitionInDays?: number;
  }[];
  readonly NoncurrentVersionExpiration?: { readonly NoncurrentDays?: number };
  readonly ExpiredObjectDeleteMarker?: boolean | string;
  readonly AbortIncompleteMultipartUpload?: { readonly DaysAfterInitiation?: number };
}

const DAY_MS = 86_400_000;

/** S3 counts days up to the next midnight UTC. */
const isDue = (sinceMs: number, days: number | undefined, nowMs: number): boolean =>
  days !== undefined && nowMs >= Math.ceil((sinceMs + days * DAY_MS) / DAY_MS) * DAY_MS;

const rulesFor = (rules: readonly LifecycleRule[], key: string): readonly LifecycleRule[] =>
  rules.filter((rule) => rule.Status === 'Enabled' && key.startsWith(rule.Prefix ?? ''));

export interface Dated {
  readonly key: string;
  readonly sinceMs: number;
}

export const isExpired = (rules: readonly LifecycleRule[], object: Dated, nowMs: number): boolean =>
  rulesFor(rules, object.key).some((rule) => isDue(object.sinceMs, rule.ExpirationInDays, nowMs));

/** `sinceMs` is when the version ceased to be the present one. */
export const isOldVersionExpired = (
  rules: readonly LifecycleRule[],
  version: Dated,
  nowMs: number,
): boolean =>
  rulesFor(rules, version.key).some((rule) =>
    isDue(version.sinceMs, rule.NoncurrentVersionExpiration?.NoncurrentDays, nowMs),
  );

/** Of a marker that hides nothing any more. */
export const isMarkerExpired = (rules: readonly LifecycleRule[], key: string): boolean =>
  rulesFor(rules, key).some(({ ExpiredObjectDeleteMarker: is }) => String(is) === 'true');

export const isUploadAbandoned = (
  rules: readonly LifecycleRule[],
  upload: Dated,
  nowMs: number,
): boolean =>
  rulesFor(rules, upload.key).some((rule) =>
    isDue(upload.sinceMs, rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation, nowMs),
  );

/** The class that the object should be in by now, if a rule moves it. */
export const storageClassOf = (
  rules: readonly LifecycleRule[],
  object: Dated,
  nowMs: number,
): string | undefined =>
  rulesFor(rules, object.key)
    .flatMap((rule) => rule.Transitions ?? [])
    .filter((transition) => isDue(object.sinceMs, transition.TransitionInDays, nowMs))
    .sort((left, right) => (left.TransitionInDays ?? 0) - (right.TransitionInDays ?? 0))
    .at(-1)?.StorageClass;
