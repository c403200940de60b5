/** Changes of profiles as the table's stream tells them. */
import type { DynamoDBRecord } from 'aws-lambda';
import {
  compileProfile,
  encodeFacets,
  foldFacets,
  noFacets,
} from '../../functions/core/profile/facets.ts';
import type { StoredOff } from '../../functions/core/profile/stored-off.ts';
import { config } from '../../tributary.config.ts';
import { counted, NOW } from './counted-events.ts';

export const definitions = compileProfile(config);

/** Ten changes cross from 22 to 23 digits. */
const FIRST_SEQUENCE = 10n ** 22n - 5n;

export const sequenceOf = (place: number): string => String(FIRST_SEQUENCE + BigInt(place));

/** What a user has seen by then, as an item holds it: the version tells how many items. */
export const storedFacets = (version: number): string => {
  const events = Array.from({ length: version }, (_, index) =>
    counted(
      {
        name: 'Product Viewed',
        at: NOW - (version - index) * 1_000,
        arrivedAt: NOW,
        productId: `item-${index + 1}`,
        categories: ['TECH'],
      },
      index,
    ),
  );
  return encodeFacets(foldFacets(noFacets(definitions), events, definitions));
};

export interface Told {
  readonly user: string;
  readonly version?: number;
  readonly removed?: boolean;
  readonly sk?: string;
  readonly facets?: string;
  readonly tenant?: string;
  /** The effects of this version; without them it is a bundle's that wrote none. */
  readonly fx?: string;
}

const TTL_SECONDS = 400 * 86_400;

/** What the run number so and so of the nightly job says of a user. */
export const offOfRun = (run: number): StoredOff => ({
  runId: `${1_764_000_000_000 + run}-00a${run % 10}`,
  cut: 20_000 + run,
  ttl: Math.ceil(NOW / 1_000) + TTL_SECONDS,
  tags: '{}',
});

const offImage = ({ runId, cut, ttl, tags }: StoredOff) => ({
  runId: { S: runId },
  cut: { N: String(cut) },
  ttl: { N: String(ttl) },
  p: { S: tags },
});

const imageOf = (told: Told): Record<string, { S: string } | { N: string }> => {
  const { version = 1 } = told;
  if (told.sk === 'off') return offImage(offOfRun(version));
  return {
    v: { N: String(version) },
    ttl: { N: String(Math.ceil(NOW / 1_000) + TTL_SECONDS) },
    at: { N: String(NOW) },
    since: { N: String(NOW - 5_000) },
    p: { S: told.facets ?? storedFacets(version) },
    ...(told.fx !== undefined && { fx: { S: told.fx } }),
  };
};

export const changeRecord = (told: Told, place: number): DynamoDBRecord => {
  const { user, removed = false, sk = 'rt', tenant = 'main' } = told;
  return {
    eventName: removed ? 'REMOVE' : 'MODIFY',
    dynamodb: {
      Keys: { pk: { S: `u#${tenant}#${user}` }, sk: { S: sk } },
      ...(removed ? {} : { NewImage: imageOf(told) }),
      SequenceNumber: sequenceOf(place),
      // Whole seconds, as AWS tells them.
      ApproximateCreationDateTime: Math.floor(NOW / 1_000),
    },
  };
};
