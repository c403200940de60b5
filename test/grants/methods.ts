/**
 * Which methods of which adapters each function has in its bundle, and which of them were run. Node
 * counts calls itself (NODE_V8_COVERAGE), in the very bundles that would be deployed: a source map,
 * made beside them, says whose code it was.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';
import { bundling } from '../../bin/bundle.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const ADAPTERS = 'functions/adapters/';
/** What has no client of AWS's asks for no grant: a cache speaks another protocol. */
const HAS_CLIENT = /from '@aws-sdk\/client-/;

/** A function in a source file. */
interface Place {
  readonly name: string;
  /** Where it begins: at its first character, or at its only parameter where a bundle drops `(`. */
  readonly starts: readonly number[];
}

type FunctionNode = ts.ArrowFunction | ts.FunctionExpression | ts.MethodDeclaration;

const isFunction = (node: ts.Node | undefined): node is FunctionNode =>
  node !== undefined &&
  (ts.isArrowFunction(node) || ts.isFunctionExpression(node) || ts.isMethodDeclaration(node));

/** `{ load }`, `{ load: load }` and `{ load: async () => … }` all have a method `load`. */
const functionOf = (
  property: ts.ObjectLiteralElementLike,
  declared: ReadonlyMap<string, FunctionNode>,
): FunctionNode | undefined => {
  if (ts.isMethodDeclaration(property)) return property;
  if (ts.isShorthandPropertyAssignment(property)) return declared.get(property.name.text);
  if (!ts.isPropertyAssignment(property)) return undefined;
  const value = property.initializer;
  if (ts.isIdentifier(value)) return declared.get(value.text);
  return isFunction(value) ? value : undefined;
};

const functionsDeclared = (file: ts.SourceFile): ReadonlyMap<string, FunctionNode> => {
  const declared = new Map<string, FunctionNode>();
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name)) {
      if (isFunction(node.initializer)) declared.set(node.name.text, node.initializer);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return declared;
};

/** The methods of the objects that an adapter gives out; what it hands to others is not its own. */
export const methodsIn = (text: string): readonly Place[] => {
  const file = ts.createSourceFile('adapter.ts', text, ts.ScriptTarget.Latest, true);
  const declared = functionsDeclared(file);
  const methods: Place[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) return;
    if (ts.isFunctionDeclaration(node) && ts.getModifiers(node)?.[0]?.getText() === 'export') {
      const name = node.name?.text ?? '';
      methods.push({ name, starts: [node.getStart(file)] });
    }
    if (ts.isObjectLiteralExpression(node)) {
      for (const property of node.properties) {
        const method = functionOf(property, declared);
        if (method === undefined || property.name === undefined) continue;
        const [only] = method.parameters;
        const starts = [method, ...(only === undefined ? [] : [only])].map((each) =>
          each.getStart(file),
        );
        methods.push({ name: property.name.getText(file), starts });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return methods;
};

interface Bundled {
  readonly text: string;
  readonly map: SourceMap;
  /** File names of the adapters in it. */
  readonly adapters: readonly string[];
}

/** Each function's bundle, made again with a source map beside it. */
export const bundlesWithMaps = async (): Promise<ReadonlyMap<string, Bundled>> => {
  const { outputFiles, metafile } = await build({
    ...bundling(),
    sourcemap: 'external',
    metafile: true,
  });
  const texts = new Map(outputFiles.map(({ path, text }) => [path, text]));
  return new Map(
    Object.entries(metafile.outputs).flatMap(([output, { entryPoint, inputs }]) => {
      if (entryPoint === undefined) return [];
      const path = join(ROOT, output);
      const text = texts.get(path) ?? '';
      const map = new SourceMap(JSON.parse(texts.get(`${path}.map`) ?? ''));
      const adapters = Object.keys(inputs)
        .filter((input) => input.startsWith(ADAPTERS))
        .map((input) => basename(input));
      return [[basename(join(path, '..')), { text, map, adapters }]];
    }),
  );
};

interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly {
    readonly ranges: readonly { readonly startOffset: number; readonly count: number }[];
  }[];
}

/** The adapters' code that was run, as `file.ts:offset of where a function begins`. */
const startsRun = ({ text, map }: Bundled, { functions }: ScriptCoverage): readonly string[] => {
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    lineStarts.push(at + 1);
  }
  return functions.flatMap(({ ranges: [whole] }) => {
    if (whole === undefined || whole.count === 0) return [];
    const line = lineStarts.findLastIndex((start) => start <= whole.startOffset);
    const entry = map.findEntry(line, whole.startOffset - (lineStarts[line] ?? 0));
    if (!('originalSource' in entry) || !entry.originalSource.includes(ADAPTERS)) return [];
    return [`${basename(entry.originalSource)}:${entry.originalLine}:${entry.originalColumn}`];
  });
};

export interface MethodUse {
  readonly shortName: string;
  /** `s3-failed-store.ts: park` */
  readonly method: string;
  readonly isCalled: boolean;
}

const scriptsIn = (folder: string): readonly ScriptCoverage[] =>
  readdirSync(folder).flatMap((file) => {
    const { result }: { readonly result: readonly ScriptCoverage[] } = JSON.parse(
      readFileSync(join(folder, file), 'utf8'),
    );
    return result.filter(({ url }) => url.endsWith('/index.mjs'));
  });

/** Which methods were run in which function, by what its processes wrote into the folder. */
export const methodUses = async (coverageFolder: string): Promise<readonly MethodUse[]> => {
  const scripts = scriptsIn(coverageFolder);
  return [...(await bundlesWithMaps())].flatMap(([shortName, bundled]) => {
    const own = scripts.filter(({ url }) => readFileSync(new URL(url), 'utf8') === bundled.text);
    const run = new Set(own.flatMap((script) => startsRun(bundled, script)));
    return bundled.adapters.flatMap((adapter) => {
      const text = readFileSync(join(ROOT, ADAPTERS, adapter), 'utf8');
      if (!HAS_CLIENT.test(text)) return [];
      const file = ts.createSourceFile(adapter, text, ts.ScriptTarget.Latest);
      return methodsIn(text).map(({ name, starts }) => {
        const isCalled = starts.some((start) => {
          const { line, character } = file.getLineAndCharacterOfPosition(start);
          return run.has(`${adapter}:${line}:${character}`);
        });
        return { shortName, method: `${adapter}: ${name}`, isCalled };
      });
    });
  });
};
