/** Who may know whom. Each rule says what to do instead to the one who meets it. */
const capabilities = [
  'collect',
  'enrich',
  'aggregate',
  'project',
  'profile',
  'personalize',
  'tally',
  'analytics',
  'drain',
  'admin',
  'nightly',
  'plan',
  'plan-load',
  'load',
  'reconcile',
  'minute',
];

export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment:
        'Two files that import each other are one file, or the thing they share is a third. Move what they share down.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'core-is-pure',
      comment:
        'The core imports only itself and zod: what it needs from the world comes as an argument. A use case holds the ports.',
      severity: 'error',
      from: { path: '^functions/core/' },
      to: { pathNot: ['^functions/core/', '^node_modules/zod/'] },
    },
    {
      name: 'ports-know-only-core',
      comment:
        'A port is written in our own words; an AWS type in it would leak into every use case.',
      severity: 'error',
      from: { path: '^functions/ports/' },
      to: { pathNot: ['^functions/core/', '^functions/ports/'] },
    },
    {
      name: 'wiring-happens-in-handlers',
      comment:
        'Adapters are chosen in handler.ts, in the local cloud and in commands; a use case takes ports.',
      severity: 'error',
      from: {
        path: '^(functions|lib)/',
        pathNot: ['^functions/[^/]+/handler\\.ts$', '^functions/adapters/'],
      },
      to: { path: '^functions/adapters/' },
    },
    {
      name: 'clients-stay-at-the-edge',
      comment:
        'An AWS client is made in runtime/clients.ts and used by adapters; ask for a port instead.',
      severity: 'error',
      from: {
        path: '^functions/',
        pathNot: ['^functions/adapters/', '^functions/runtime/', '^functions/[^/]+/handler\\.ts$'],
      },
      to: { path: '^node_modules/@aws-sdk/', dependencyTypesNot: ['type-only'] },
    },
    ...capabilities.map((name) => ({
      name: `${name}-stands-alone`,
      comment:
        'Capabilities do not import each other: what two of them need is core, a port or runtime.',
      severity: 'error',
      from: { path: `^functions/${name}/` },
      to: { path: `^functions/(${capabilities.filter((other) => other !== name).join('|')})/` },
    })),
    {
      name: 'infrastructure-sees-contracts-only',
      comment:
        'lib/ and bin/app.ts know the core, the env contracts and the config, never a handler: bundles are made by bin/bundle.ts.',
      severity: 'error',
      from: { path: '^(lib/|bin/app\\.ts$)' },
      to: {
        path: '^(functions|localstack|simulate|bench|evaluate|test)/',
        pathNot: ['^functions/core/', '^functions/[^/]+/env\\.ts$'],
      },
    },
    {
      name: 'config-sees-tags-only',
      comment: 'The file that users edit is data: it may name the tag algebra and nothing else.',
      severity: 'error',
      from: { path: '^tributary\\.config\\.ts$' },
      to: { pathNot: '^functions/core/(tags|time)' },
    },
    {
      name: 'nothing-imports-tests',
      comment: 'Product code that needs a test file needs a file of its own.',
      severity: 'error',
      from: { pathNot: '^test/' },
      to: { path: '^test/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
  },
};
