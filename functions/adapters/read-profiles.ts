/** Profiles for a serving function: from the cache where there is one, else from the table. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ProfileDefinitions } from '../core/profile/facets.ts';
import type { ProfileReader } from '../ports/profile-reader.ts';
import { faultDoors } from '../runtime/fault-doors.ts';
import { READ_CACHE } from '../runtime/guarded-cache.ts';
import { profileRepository } from '../runtime/profile-repository.ts';
import { dynamoProfileEntries } from './dynamo-profile-entries.ts';
import { type GuardedValkey, guardedValkey } from './guarded-valkey.ts';

export interface ReadingProfiles {
  readonly env: { readonly PROFILES_TABLE: string; readonly CACHE_URL: string };
  /** Of the process: where doors are looked for, and who signs for the cache. */
  readonly environment: NodeJS.ProcessEnv;
  readonly definitions: ProfileDefinitions;
  readonly fault: (message: string, cause: unknown) => void;
}

export interface ReadProfiles {
  readonly profiles: ProfileReader;
  /** The same connection, for whatever else lies there. */
  readonly valkey: GuardedValkey | undefined;
}

export const readProfiles = (
  capability: 'profile' | 'personalize',
  dynamo: DynamoDBClient,
  { env, environment, definitions, fault }: ReadingProfiles,
): ReadProfiles => {
  const doors = faultDoors(capability, environment);
  const valkey = guardedValkey(env.CACHE_URL, { ...READ_CACHE, env: environment, doors, fault });
  const table = doors.port('profiles', dynamoProfileEntries(dynamo, env.PROFILES_TABLE));
  const [cache, now, random] = [valkey?.cache, Date.now, Math.random];
  const profiles = profileRepository({ cache, table, definitions, now, random, fault });
  return { profiles, valkey };
};
