import { expect, test } from 'vitest';
import {
  type BugWave,
  noBugs,
  readBuildStamp,
  type SeenRecord,
  sawRecords,
  WAVE_TILE,
  WAVE_WINDOW,
  waveVerdict,
  YOUNG_BUNDLE,
} from '../../functions/core/bug-wave.ts';
import { type EpochMs, epochMs } from '../../functions/core/time.ts';

const NOW = epochMs(1_763_720_000_000);
const young = { deployedAt: epochMs(NOW - YOUNG_BUNDLE + 1) };
const at = (now: EpochMs, bugs: number, fine: number, users = 3, wave: BugWave = noBugs): BugWave =>
  sawRecords(
    wave,
    [
      ...Array.from({ length: bugs }, (_, n): SeenRecord => ({ user: `u${n % users}`, bug: true })),
      ...Array.from({ length: fine }, (): SeenRecord => ({ user: 'fine', bug: false })),
    ],
    now,
  );

test('six bugs of three users among less than thirty records are the deploy of a young bundle', () => {
  expect(waveVerdict(at(NOW, 6, 23), young, NOW)).toBe('deploy');
});

test('five bugs are not a wave, nor is exactly a fifth of the records, nor are two users', () => {
  expect(waveVerdict(at(NOW, 5, 0), young, NOW)).toBe('none');
  expect(waveVerdict(at(NOW, 6, 24), young, NOW)).toBe('none');
  expect(waveVerdict(at(NOW, 9, 0, 2), young, NOW)).toBe('none');
});

test('a bundle of one hour, or without a stamp, only alarms', () => {
  const wave = at(NOW, 6, 0);
  expect(waveVerdict(wave, { deployedAt: epochMs(NOW - YOUNG_BUNDLE) }, NOW)).toBe('alarm');
  expect(waveVerdict(wave, { deployedAt: undefined }, NOW)).toBe('alarm');
});

test('bugs add up over batches and users over tiles, and are forgotten after five minutes', () => {
  const first = at(NOW, 3, 0, 1);
  const later = epochMs(NOW + 60_000);
  const second = sawRecords(
    first,
    [
      { user: 'u7', bug: true },
      { user: 'u8', bug: true },
      { user: 'u9', bug: true },
    ],
    later,
  );
  expect(waveVerdict(second, { deployedAt: later }, later)).toBe('deploy');
  const over = epochMs(NOW + WAVE_WINDOW + 2 * WAVE_TILE);
  expect(waveVerdict(second, { deployedAt: over }, over)).toBe('none');
});

test('what is remembered is bounded, however long the process lives', () => {
  let wave = noBugs;
  for (let step = 0; step < 1_000; step += 1) {
    wave = at(epochMs(NOW + step * 7_000), 50, 50, 50, wave);
  }
  expect(wave.tiles.length).toBeLessThanOrEqual(WAVE_WINDOW / WAVE_TILE + 2);
  expect(Math.max(...wave.tiles.map((tile) => tile.users.length))).toBe(3);
});

test('the build stamp is RFC 3339, or seconds or milliseconds; anything else is an old bundle', () => {
  expect(readBuildStamp('2025-11-21T10:13:20Z')).toBe(NOW);
  expect(readBuildStamp('1763720000')).toBe(NOW);
  expect(readBuildStamp('1763720000000')).toBe(NOW);
  expect(readBuildStamp('yesterday')).toBeUndefined();
  expect(readBuildStamp(undefined)).toBeUndefined();
});
