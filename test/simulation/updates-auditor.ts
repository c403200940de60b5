import type { ProfileAnswer } from '../../functions/core/profile/answer.ts';
import type { ProfileUpdate } from '../../functions/core/profile/update.ts';
import type { StoredRecord } from '../../localstack/engines/kinesis/state.ts';
import type { StagedChange } from './table-stream-model.ts';
import { violated } from './violation.ts';

/** As many as a sequence number ever has. */
const SEQUENCE_DIGITS = 56;
const padded = (sequence: string): string => sequence.padStart(SEQUENCE_DIGITS, '0');

interface User {
  /** Every version that the table ever had. */
  readonly written: Set<number>;
  latest: number;
  /** What was told of each of them, and of no other. */
  readonly told: Map<number, string>;
  /** What a consumer holds that keys on (user, part, version) and keeps the newest. */
  newest: number;
}

/** P4 for whoever reads `user-profile-updates`, and P7 for `project`, at every record of it. */
export class UpdatesAuditor {
  readonly users = new Map<string, User>();
  readonly #shards = new Map<
    string,
    { readonly changes: { sequence: string; key: string; version: number }[]; done: number }
  >();

  #user(key: string): User {
    const known = this.users.get(key);
    if (known !== undefined) return known;
    const made: User = { written: new Set(), latest: 0, told: new Map(), newest: 0 };
    this.users.set(key, made);
    return made;
  }

  changed(key: string, version: number, { shardId, sequence }: StagedChange): void {
    const user = this.#user(key);
    user.written.add(version);
    user.latest = version;
    const shard = this.#shards.get(shardId) ?? { changes: [], done: 0 };
    this.#shards.set(shardId, shard);
    shard.changes.push({ sequence: padded(sequence), key, version });
  }

  landed({ partitionKey, data }: StoredRecord): void {
    const text = Buffer.from(data).toString('utf8');
    const { userId, part, version } = JSON.parse(text) as ProfileUpdate;
    if (`main#${userId}` !== partitionKey || part !== 'rt')
      violated('P4', `${partitionKey} is told of ${part} of ${userId}`);
    const user = this.#user(partitionKey);
    if (!user.written.has(version))
      violated('P4', `${partitionKey} is told of version ${version}, which no table had`);
    const told = user.told.get(version);
    if (told !== undefined && told !== text)
      violated('P4', `version ${version} of ${partitionKey} is told in two ways`);
    user.told.set(version, text);
    user.newest = Math.max(user.newest, version);
  }

  /**
   * P7: who follows the stream has by now what a checkpoint passed. A version that another one
   * followed may have been passed over for that one, which then is not behind the checkpoint.
   */
  projected(shardId: string, after: string | null): void {
    const shard = this.#shards.get(shardId);
    if (shard === undefined || after === null) return;
    for (; shard.done < shard.changes.length; shard.done += 1) {
      const change = shard.changes[shard.done];
      if (change === undefined || change.sequence > padded(after)) break;
      const { newest, latest } = this.#user(change.key);
      if (newest < change.version && change.version === latest)
        violated(
          'P7',
          `version ${change.version} of ${change.key} is behind a checkpoint, and ${newest} is told`,
        );
    }
  }

  /** What is told last of a user is the table's version. */
  newestIs(key: string, version: number): void {
    const { newest } = this.#user(key);
    if (newest !== version)
      violated('P4', `${key} has version ${version}, and version ${newest} is told last`);
  }

  /** And it says what is served of the user. */
  says(key: string, served: ProfileAnswer): void {
    const user = this.#user(key);
    const { interests, recentItems } = (
      JSON.parse(user.told.get(user.newest) ?? '{"profile":{}}') as ProfileUpdate
    ).profile;
    const told = JSON.stringify([interests, recentItems]);
    const expected = JSON.stringify([served.interests, served.recentItems]);
    if (told !== expected) violated('P4', `${key} is told ${told}, and served ${expected}`);
  }
}
