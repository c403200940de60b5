/**
 * Runs before start.ts, in plain JavaScript that an old Node can read: the npm package `node` brings
 * the right one, unless its install script was not allowed to run.
 */
import { existsSync } from 'node:fs';

const MAJOR_MIN = 24;

if (Number(process.versions.node.split('.')[0]) < MAJOR_MIN) {
  const hasBinary = existsSync(new URL('../../node_modules/node/bin/node', import.meta.url));
  const advice = hasBinary
    ? 'Start it with npm start, which puts the right one first.'
    : 'The npm package "node" has no binary yet: run npm ci without --ignore-scripts (or npm rebuild node), then npm start.';
  console.error(
    `Node ${process.versions.node} runs this, and Node ${MAJOR_MIN} is needed. ${advice}`,
  );
  process.exit(1);
}
