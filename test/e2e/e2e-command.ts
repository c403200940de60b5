/** npm run e2e -- --kills 25, --outage 60 or --cache 60: a long form of what `npm test` runs in short. */
const asks = (flag: string): boolean =>
  process.argv.some((word) => word === flag || word.startsWith(`${flag}=`));

if (asks('--outage')) await import('./outage-command.ts');
else if (asks('--cache')) await import('./cache-command.ts');
else await import('./kills-command.ts');
