export const listsKey = (tenant: string, version: string, item: string) => ({
  pk: { S: `i#${tenant}#${item}` },
  sk: { S: `n#${version}` },
});
export const pointerKey = (tenant: string) => ({ pk: { S: `rec#${tenant}` }, sk: { S: 'lists' } });
