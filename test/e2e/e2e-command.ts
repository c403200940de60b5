/** npm run e2e -- --kills 25, or -- --outage 60: one of the long forms of what `npm test` runs in short. */
const isOutage = process.argv.some((word) => word === '--outage' || word.startsWith('--outage='));
await import(isOutage ? './outage-command.ts' : './kills-command.ts');
