/** Calls against grants, both ways; each finding is a sentence that says what to do. */
import { type ByAws, byAws, REASONS, type Seen } from './by-aws.ts';
import type { Recorded } from './calls.ts';
import type { GrantedPlatform } from './granted.ts';
import { type Call, covers, type Grant, grantText } from './policy.ts';

const isExactly = (grant: Grant, { action, resource }: ByAws): boolean =>
  grant.action === action && grant.resource === resource && grant.conditions.length === 0;

const notGranted = ({ lambda, calls }: Seen): readonly string[] =>
  calls
    .filter((call) => !lambda.grants.some((grant) => covers(grant, call)))
    .map(
      ({ action, resource }) =>
        `${lambda.shortName} calls ${action} on ${resource}, which its role does not grant: on AWS this is AccessDenied. Grant it in the construct of ${lambda.shortName}, or do not call it.`,
    );

const notGrantedToAws = ({ lambda }: Seen, needed: readonly ByAws[]): readonly string[] =>
  needed
    .filter((call) => !lambda.grants.some((grant) => covers(grant, call)))
    .map(
      ({ by, action, resource }) =>
        `AWS needs ${action} on ${resource} from the role of ${lambda.shortName} (${by}), which does not grant it. Grant it, or correct test/grants/by-aws.ts.`,
    );

const neverUsed = ({ lambda, calls }: Seen, needed: readonly ByAws[]): readonly string[] =>
  lambda.grants
    .filter(
      (grant) =>
        !calls.some((call) => covers(grant, call)) && !needed.some((one) => isExactly(grant, one)),
    )
    .map(
      (grant) =>
        `${lambda.shortName} is granted ${grantText(grant)}, and never used it. Take it away; or call it in test/grants/drive.ts; or, where AWS itself uses it, say so in test/grants/by-aws.ts.`,
    );

/** A word that the code chose, not a date, a number or a hash. */
const isWord = (segment: string | undefined): segment is string =>
  segment !== undefined && segment !== '' && !/\d/.test(segment);

/** A grant that so many words would name is open on purpose: a reader of all stages, say. */
const WORDS_MAX = 2;

/** The next steps of the paths that calls took, where the grant leaves open what it could name. */
const couldName = (grant: Grant, calls: readonly Call[]): readonly string[] => {
  const prefix = grant.resource.slice(0, grant.resource.indexOf('*'));
  const steps = calls.map(({ resource }) => resource.slice(prefix.length).split('/')[0]);
  const words = [...new Set(steps)];
  return words.length <= WORDS_MAX && words.every(isWord) ? words : [];
};

/** Of one machine: an execution has its name from whoever starts it. */
const EXECUTIONS = /^arn:aws:states:[^*?]+:execution:[^*?:]+:\*$/;

const tooWide = ({ lambda, calls }: Seen, needed: readonly ByAws[]): readonly string[] =>
  lambda.grants.flatMap((grant) => {
    if (needed.some((one) => isExactly(grant, one))) return [];
    const used = calls.filter((call) => covers(grant, call));
    if (used.length === 0) return [];
    const says = `${lambda.shortName} is granted ${grantText(grant)}`;
    if (/[*?]/.test(grant.action)) return [`${says}: name the actions.`];
    if (!/[*?]/.test(grant.resource) || EXECUTIONS.test(grant.resource)) return [];
    if (!/^arn:aws:s3:::[^*?]+\/[^?]*\*$/.test(grant.resource)) {
      return [`${says}: only keys of objects may end in a star, name the resource.`];
    }
    const words = couldName(grant, used);
    return words.length === 0
      ? []
      : [`${says}, and all it used begins with ${words.join(' or ')} there: grant that.`];
  });

export interface Verdict {
  readonly notGranted: readonly string[];
  readonly neverUsed: readonly string[];
  readonly tooWide: readonly string[];
  readonly needless: readonly string[];
}

export const judge = (
  { functions, key }: GrantedPlatform,
  recorded: readonly Recorded[],
): Verdict => {
  const excused = new Set<string>();
  const verdicts = functions.map((lambda) => {
    const seen = { lambda, key, calls: recorded.filter(({ caller }) => caller === lambda.name) };
    const needed = byAws(seen);
    for (const one of needed) {
      if (lambda.grants.some((grant) => isExactly(grant, one))) excused.add(one.by);
    }
    return {
      notGranted: [...notGranted(seen), ...notGrantedToAws(seen, needed)],
      neverUsed: neverUsed(seen, needed),
      tooWide: tooWide(seen, needed),
    };
  });
  return {
    notGranted: verdicts.flatMap((verdict) => verdict.notGranted),
    neverUsed: verdicts.flatMap((verdict) => verdict.neverUsed),
    tooWide: verdicts.flatMap((verdict) => verdict.tooWide),
    needless: REASONS.filter((reason) => !excused.has(reason)).map(
      (reason) =>
        `"${reason}" in test/grants/by-aws.ts excuses no grant of any function: take it away.`,
    ),
  };
};
