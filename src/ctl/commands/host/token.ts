/** `token new`, `token list` and `token revoke`: bearer tokens for HTTPS. */
import { type TokenRow, tokenCreatedReply, tokensReply } from "../../../api/shapes.ts";
import type { Command, CommandInput, Display, Result, Session } from "../../cli/definition.ts";
import { spanOption } from "../../cli/global-options.ts";
import { askFor, get, pathOf } from "../../connect/reply.ts";
import { colourWith } from "../../output/colours.ts";
import { type ColumnOf, tableOf } from "../../output/table.ts";
import { parseSpan, renderWhen } from "../../output/time.ts";
import { visible } from "../../output/visible.ts";
import { textOf } from "../arguments.ts";
import { requestChange } from "../requests.ts";

const roles = ["read", "operate"];

export const tokenCommands: readonly Command[] = [
  {
    name: "token new",
    example: "token new --name ci --role operate --expires 90d",
    section: "Access",
    summary: "create a token, which is printed only once",
    options: [
      { long: "name", value: "name", help: "the name of the token, such as ci" },
      { long: "role", value: "role", help: "the role of the token", offer: roles },
      spanOption("expires", "how long it is valid, such as 90d (default: forever)"),
    ],
    check: ({ options }) => (options.name && options.role ? null : "a token needs a --name and a --role"),
    action: { over: "hosts", run: create },
  },
  {
    name: "token list",
    example: "token list",
    section: "Access",
    summary: "list the tokens, and when each was last used",
    action: { over: "hosts", run: list },
  },
  {
    name: "token revoke",
    example: "token revoke ci",
    section: "Access",
    summary: "revoke a token, given by its name or id",
    arguments: [{ name: "name" }],
    action: { over: "hosts", run: revoke },
  },
];

async function create(input: CommandInput, { host, clock }: Session): Promise<Result> {
  const span = parseSpan(textOf(input, "expires") ?? "");
  const expiresAt = span === null ? null : new Date(clock.now().getTime() + span).toISOString();
  const body = { name: textOf(input, "name"), role: textOf(input, "role"), expiresAt };
  const request = { method: "POST", path: "/api/v1/tokens", body } as const;
  const { value, json } = await askFor(host, tokenCreatedReply, request);
  const { name, role } = value.row;
  const note = `this is token "${visible(name)}" with the role ${role}; it is not shown again`;
  return { shown: { message: value.token }, json, note };
}

async function list(_: unknown, { host, display }: Session): Promise<Result> {
  const { value, json } = await get(host, tokensReply, "/api/v1/tokens");
  return { shown: { table: tableOf(columns(display), value.tokens) }, json };
}

function columns(display: Display): readonly ColumnOf<TokenRow>[] {
  const colour = colourWith({ good: "green", expired: "yellow", revoked: "red" }, display);
  const when = (instant: string | null) => renderWhen(instant, display);
  return [
    { heading: "NAME", cutOrder: 4, keep: 12, cell: ({ name }) => name },
    { heading: "ID", cell: ({ id }) => id },
    { heading: "ROLE", cell: ({ role }) => role },
    { heading: "IS", ...colour, cell: (token) => isOf(token, display) },
    { heading: "EXPIRES", cutOrder: 3, cell: ({ expiresAt }) => when(expiresAt) || "never" },
    { heading: "USED", cutOrder: 2, cell: ({ lastUsedAt }) => when(lastUsedAt) || "never" },
    { heading: "CREATED", cutOrder: 1, cell: ({ createdAt }) => when(createdAt) },
    { heading: "BY", cutOrder: 1, keep: 8, cell: ({ createdBy }) => createdBy },
  ];
}

function isOf({ revokedAt, expiresAt }: TokenRow, { now }: Display): string {
  if (revokedAt !== null) return "revoked";
  return expiresAt !== null && Date.parse(expiresAt) <= now.getTime() ? "expired" : "good";
}

async function revoke({ arguments: { name } }: CommandInput, { host }: Session): Promise<Result> {
  const path = pathOf("/api/v1/tokens/{}", name ?? "");
  return requestChange(host, { method: "DELETE", path });
}
