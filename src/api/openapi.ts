/** Renders the route table as OpenAPI 3.1 (spec.openapis.org/oas/v3.1.0), from the shapes that check requests. */
import * as z from "zod/mini";
import { version } from "../model/version.ts";
import type { Route } from "./route.ts";
import { problemReply } from "./shapes.ts";

type Json = Record<string, unknown>;

export function describe(routes: readonly Route[]): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "gitopper", version, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    paths,
    components: {
      schemas: { Problem: schemaOf(problemReply, "output") },
      securitySchemes: { token: { type: "http", scheme: "bearer" }, certificate: { type: "mutualTLS" } },
    },
    security: [{ token: [] }, { certificate: [] }],
  };
}

function operation(route: Route): Json {
  return {
    summary: route.purpose,
    operationId: operationId(route),
    "x-role": route.role,
    parameters: [...pathParameters(route.path), ...queryParameters(route.query)],
    ...(route.method === "POST" && requestBody(route.body)),
    responses: { 200: success(route), default: failure },
  };
}

/** `GET /api/v1/services/{service}/diff` is `get_api_v1_services_service_diff`. */
function operationId({ method, path }: Route): string {
  return `${method.toLowerCase()}${path.replaceAll(/\W+/g, "_")}`.replace(/_$/, "");
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string", minLength: 1 },
  }));
}

function queryParameters(query: z.ZodMiniType): Json[] {
  const { properties = {}, required = [] } = schemaOf(query, "input") as {
    properties?: Record<string, Json>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
}

function requestBody(body: z.ZodMiniType): Json {
  const schema = schemaOf(body, "input");
  const empty = Object.keys((schema.properties as Json | undefined) ?? {}).length === 0;
  if (empty) return {};
  const required = Array.isArray(schema.required) && schema.required.length > 0;
  return { requestBody: { required, content: { "application/json": { schema } } } };
}

function success({ reply, path }: Route): Json {
  const description = "As asked.";
  if (reply !== null)
    return { description, content: { "application/json": { schema: schemaOf(reply, "output") } } };
  const type = path.endsWith("/events") ? "text/event-stream" : "text/plain";
  return { description, content: { [type]: { schema: { type: "string" } } } };
}

const failure: Json = {
  description: "A problem (RFC 9457).",
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};

function schemaOf(shape: z.ZodMiniType, io: "input" | "output"): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, {
    io,
    unrepresentable: "any",
    // The format says it already, and its pattern is very long.
    override: ({ zodSchema, jsonSchema }) => {
      // A fallback for unknown values is the reader's, not a default of the writer.
      if (zodSchema._zod.def.type === "catch") delete jsonSchema.default;
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
    },
  }) as Json;
  return schema;
}
