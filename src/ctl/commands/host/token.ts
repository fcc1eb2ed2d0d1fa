/** `token new`, `token list` and `token revoke`: bearer tokens for HTTPS. */
import { messageReply, type TokenRow, tokenCreatedReply, tokensReply } from "../../../api/shapes.ts";
import type { CommandDefinition, Given, Look, Result, Session } from "../../cli/definition.ts";
import { checkSpan } from "../../cli/global-options.ts";
import { askFor, pathOf } from "../../connect/reply.ts";
import { dressWith } from "../../output/colours.ts";
import type { Column } from "../../output/table.ts";
import { parseSpan, renderWhen } from "../../output/time.ts";
import { visible } from "../../output/visible.ts";
import { textOf } from "../arguments.ts";

const roles = ["read", "operate"];

export const tokenCommands: readonly CommandDefinition[] = [
  {
    name: "token new",
    section: "Access",
    summary: "make a token, which is printed this once",
    arguments: [],
    options: [
      { long: "name", value: "name", help: "what it is called, such as ci" },
      { long: "role", value: "role", help: "what it may do", offer: roles },
      {
        long: "expires",
        value: "time",
        help: "how long it is good for, such as 90d (default: for ever)",
        check: checkSpan,
      },
    ],
    check: ({ options }) => (options.name && options.role ? null : "a token needs a --name and a --role"),
    act: { over: "hosts", run: create },
  },
  {
    name: "token list",
    section: "Access",
    summary: "the tokens that there are, and when each was last used",
    arguments: [],
    options: [],
    act: { over: "hosts", run: list },
  },
  {
    name: "token revoke",
    section: "Access",
    summary: "make a token worthless, by its name or id",
    arguments: [{ name: "name" }],
    options: [],
    act: { over: "hosts", run: revoke },
  },
];

async function create(given: Given, { host, clock }: Session): Promise<Result> {
  const span = parseSpan(textOf(given, "expires") ?? "");
  const expiresAt = span === null ? null : new Date(clock.now().getTime() + span).toISOString();
  const body = { name: textOf(given, "name"), role: textOf(given, "role"), expiresAt };
  const { value, json } = await askFor(host, tokenCreatedReply, {
    method: "POST",
    path: "/api/v1/tokens",
    body,
  });
  const { name, role } = value.row;
  const note = `this is token "${visible(name)}" with the role ${role}; it is not shown again`;
  return { shown: { message: value.token }, json, note };
}

async function list(_: unknown, { host, look }: Session): Promise<Result> {
  const { value, json } = await askFor(host, tokensReply, { method: "GET", path: "/api/v1/tokens" });
  const rows = value.tokens.map((token) => toCells(token, look));
  return { shown: { table: { columns: columns(look), rows } }, json };
}

function columns(look: Look): readonly Column[] {
  return [
    { heading: "NAME", cutOrder: 4, keep: 12 },
    { heading: "ID" },
    { heading: "ROLE" },
    { heading: "IS", ...dressWith({ good: "green", expired: "yellow", revoked: "red" }, look) },
    { heading: "EXPIRES", cutOrder: 3 },
    { heading: "USED", cutOrder: 2 },
    { heading: "CREATED", cutOrder: 1 },
    { heading: "BY", cutOrder: 1, keep: 8 },
  ];
}

function toCells(token: TokenRow, look: Look): string[] {
  const { name, id, role, expiresAt, lastUsedAt, createdAt, createdBy } = token;
  const when = (instant: string | null, never: string) => renderWhen(instant, look) || never;
  return [
    name,
    id,
    role,
    isOf(token, look),
    when(expiresAt, "never"),
    when(lastUsedAt, "never"),
    when(createdAt, ""),
    createdBy,
  ];
}

function isOf({ revokedAt, expiresAt }: TokenRow, { now }: Look): string {
  if (revokedAt !== null) return "revoked";
  return expiresAt !== null && Date.parse(expiresAt) <= now.getTime() ? "expired" : "good";
}

async function revoke({ arguments: { name } }: Given, { host }: Session): Promise<Result> {
  const path = pathOf("/api/v1/tokens/{}", name ?? "");
  const { value, json } = await askFor(host, messageReply, { method: "DELETE", path });
  return { shown: { message: value.message }, json };
}
