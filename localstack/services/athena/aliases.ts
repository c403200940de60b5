/**
 * Trino knows the names of a select list in ORDER BY alone. DuckDB knows them in WHERE, GROUP BY and
 * HAVING as well, where no column has the name: so a name that stands in both places is refused. One
 * whose own expression reads a column of that name has such a column, and means it in both.
 */
import { Refusal } from './refusal.ts';
import { below, children, findAll, nameOf, type Tree } from './tree.ts';

/** Names that stand for something else than the column of that name. */
const namesOf = (select: Tree): readonly string[] =>
  children(select.expressions).flatMap((expression) => {
    const name = nameOf(below(expression, 'alias', 'alias'));
    const columns = findAll(below(expression, 'alias', 'this'), 'column');
    const own = columns.some((column) => nameOf(column.name) === name);
    return name === undefined || own ? [] : [name];
  });

const unqualifiedIn = (value: unknown): readonly string[] =>
  findAll(value, 'column')
    .filter(({ table }) => table === null || table === undefined)
    .flatMap(({ name }) => nameOf(name) ?? []);

export const refuseAliases = (ast: unknown): void => {
  for (const select of findAll(ast, 'select')) {
    const clauses = [select.where_clause, select.group_by, select.having];
    const used = new Set(clauses.flatMap(unqualifiedIn));
    const twice = namesOf(select).find((name) => used.has(name));
    if (twice !== undefined) {
      throw new Refusal(
        'SYNTAX_ERROR',
        `Column '${twice}' cannot be resolved: a name of the select list does not count in WHERE, GROUP BY or HAVING; repeat the expression, use its ordinal, or qualify the column`,
      );
    }
  }
};
