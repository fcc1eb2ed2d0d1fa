/** Requests that fit the shapes of the route table, or just not. */
import fc from "fast-check";
import { describe } from "../../src/api/openapi.ts";
import { routes } from "../../src/api/routes.ts";

export interface FuzzedRequest {
  readonly method: string;
  readonly target: string;
  readonly body: string | null;
}

type Schema = Readonly<Record<string, unknown>>;
interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

/** Any operation of the OpenAPI document, `known` being services that exist. */
export function anyRequest(known: readonly string[]): fc.Arbitrary<FuzzedRequest> {
  const paths = describe(routes).paths as Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  const all = Object.entries(paths).flatMap(([path, operations]) =>
    // A stream does not end, and is tried elsewhere.
    path === "/api/v1/events"
      ? []
      : Object.entries(operations).map(([method, operation]) => requestFor(path, method, operation, known)),
  );
  return fc.oneof(...all);
}

function requestFor(
  path: string,
  method: string,
  { parameters = [], requestBody }: Operation,
  known: readonly string[],
): fc.Arbitrary<FuzzedRequest> {
  const segments = parameters.filter((parameter) => parameter.in === "path");
  const values = fc.tuple(
    ...segments.map(() => fc.oneof(fc.constantFrom(...known), fc.string({ minLength: 1 }))),
  );
  const queries = parameters.filter((parameter) => parameter.in === "query");
  const query = fc.record(Object.fromEntries(queries.map(({ name, schema }) => [name, roughly(schema)])), {
    requiredKeys: [],
  });
  const schema = requestBody?.content["application/json"]?.schema;
  const body = schema === undefined ? fc.constant(null) : fc.oneof(bodyOf(schema), fc.string());
  return fc.tuple(values, query, body).map(([given, asked, text]) => ({
    method: method.toUpperCase(),
    target: `${fill(path, given)}${renderQuery(asked)}`,
    body: text,
  }));
}

function bodyOf(schema: Schema): fc.Arbitrary<string> {
  const properties = (schema.properties ?? {}) as Readonly<Record<string, Schema>>;
  const fields = Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, roughly(one)]));
  return fc.record(fields, { requiredKeys: [] }).map((value) => JSON.stringify(value));
}

/** Usually a value of the schema, and sometimes any other. */
function roughly(schema: Schema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 3, arbitrary: fitting(schema) }, { weight: 1, arbitrary: fc.jsonValue() });
}

function fitting(schema: Schema): fc.Arbitrary<unknown> {
  const options = (schema.enum ?? schema.anyOf) as readonly unknown[] | undefined;
  if (Array.isArray(schema.enum)) return fc.constantFrom(...(options ?? []));
  if (Array.isArray(schema.anyOf)) return fc.oneof(...(options ?? []).map((one) => fitting(one as Schema)));
  switch (schema.type) {
    case "integer":
    case "number":
      return fc.integer();
    case "boolean":
      return fc.boolean();
    case "string":
      if (schema.format === "date-time")
        return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
      return fc.oneof(fc.string(), fc.constantFrom("1h", "deadbeef", "0000"));
    default:
      return fc.jsonValue();
  }
}

function fill(path: string, values: readonly string[]): string {
  let next = 0;
  return path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(wellFormed(values[next++] ?? "x")));
}

function renderQuery(values: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(values).map(
    ([name, value]) => `${name}=${encodeURIComponent(wellFormed(renderText(value)))}`,
  );
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

/** An object without a prototype, or with a key `toString`, has no text of its own. */
const renderText = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

const wellFormed = (text: string) => text.toWellFormed();
