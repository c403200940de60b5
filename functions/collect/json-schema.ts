import * as z from 'zod';

/** JSON Schema of what may be sent, without the dialect: the OpenAPI document names its own. */
export const schemaOf = (schema: z.ZodType): object => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
};
