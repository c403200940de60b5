/** A local Athena in a process of its own, to be killed: prints its URL, then waits. */
import { athenaWorld } from './athena-world.ts';

const [, , dataDir = ''] = process.argv;
const world = await athenaWorld(dataDir);
process.stdout.write(`${world.url}\n`);
